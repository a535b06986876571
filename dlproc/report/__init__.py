"""The page that `write_dl_report` writes: one HTML file with everything in it.

`page`: the template filled in. `content`: what it says. `gallery`: which images are shown, and how.
`template.html`, `style.css`, `script.js`: what the browser gets.
"""
