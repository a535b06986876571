"""The page that `write_dl_report` writes: one HTML file with everything in it.

`page`: the template filled in. `gallery`: which images are shown, and how. `brightness`: do train and test agree in
light. `template.html`, `style.css`, `script.js`: what the browser gets.
"""
