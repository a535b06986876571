"""Drawing with matplotlib, for the procedures whose names begin with ``dev_display``.

`figures`: figures, windows and letters. `pictures`: a sample and its result. `evaluation`: curves, matrices and bars.
`tiles`: a contact sheet. `saving`: where pictures are written.

`windows`: the windows of programs that were written for HDevelop, without a screen; `window_settings`: their colours
and lines; `showing` and `writing`: what is shown and written in them; `marks`, `rendering`: how it is kept and drawn;
`hdevelop_shell`: what else such programs ask of HDevelop.

matplotlib is an extra, ``pip install "dlproc[viz]"``, and is imported when something is drawn. Figures are made without
pyplot, so that nothing is global and no window opens; `figures.show_figure` is the exception that is asked for.

Colours can be told apart by the colour-blind, and nothing is said by colour alone: lines differ in style, wedges in
hatching, frames in width, so that a figure can be read in grey print.
"""
