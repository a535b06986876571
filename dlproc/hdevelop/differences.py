"""What differs from HALCON, operator by operator, and how that was checked.

docs/operators.md shows all of it; ``dlproc port`` repeats what concerns the calls of a program.

A row is ``name | how it was checked | what differs``, in the order of operators.py; a line that begins with ``*`` holds
for all operators of its chapter. How it was checked, with a few words behind a colon where they help a reader:

- ``reference text`` our code and tests follow what HALCON's public reference says;
- ``worked example`` a result was worked out by hand from the reference's definition, or is printed there;
- ``second library`` another library computes the same numbers;
- ``not checked`` what HALCON does in detail is not known.

What differs is written for a reader who knows HALCON's operator, in a line or two. Nothing there means *same*, which
only an operator that was checked can be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: The ways in which an operator can have been checked.
WAYS = ("reference text", "worked example", "second library", "not checked")
NOT_CHECKED = WAYS[-1]

_TABLE = """
# Dataset
* Batches and index tuples are lists. Where a procedure gives a batch it gives a list, also of one; a ported program takes the one out with `[0]`.
read_dl_dataset_anomaly | worked example: interface and results of public programs | Labels and annotations go by the whole path: the nearest folder with a meaning, not the parent folder alone ([folders](folders.md)); gen_param 'rules': 'halcon' reads names as HALCON does. Files come sorted by name, so that image ids do not depend on the machine. Not read: ima, jxr, ras, xwd, and regions in hobj files.
split_dl_dataset | worked example: interface and results of public programs | Each split that was asked for gets one image at least, if there are enough. The order of the samples changes nothing.
find_dl_samples | worked example: interface and results of public programs |
gen_dl_samples | worked example: interface and results of public programs | Only with 'anomaly_detection', 'gc_anomaly_detection', 'image_only' and 'off'. Annotations are images, not hobj files.
gen_dl_samples_from_images | worked example: interface and results of public programs |
read_dl_samples | worked example: interface and results of public programs |
write_dl_samples | worked example: interface and results of public programs | In dlproc's own form, which HALCON cannot read.

# Preprocessing
* For the types 'anomaly_detection' and 'gc_anomaly_detection'.
create_dl_preprocess_param | worked example: interface and results of public programs |
create_dl_preprocess_param_from_model | worked example: interface and results of public programs | With 'constant_values' mean and deviation come from the model.
check_dl_preprocess_param | worked example: interface and results of public programs | Keys of HALCON's other model types are unknown.
replace_legacy_preprocessing_parameters | not checked |
preprocess_dl_model_images | worked example: interface and results of public programs | As `preprocess_dl_samples`.
preprocess_dl_model_anomaly | worked example: interface and results of public programs |
preprocess_dl_samples | worked example: interface and results of public programs | 16 bits count from 0 to 65535 and are brought to 0 to 255; HALCON leaves them as they are with 'none'. With 'constant_values' floats are gray values 0 to 255: 0 to 1, or below 0 as after preprocessing twice, is an error.
preprocess_dl_dataset | worked example: interface and results of public programs | Built beside the folder and moved into place: no half of a folder after an error or Ctrl-C. Folders above are made. A folder with other files in it is not replaced.

# Models and devices
* The parameters are in [training.md](training.md).
query_available_dl_devices | reference text: parameters and keys; the scores are dlproc's own | Lists ONNX Runtime and OpenVINO, too, behind the others; these take converted models only. Filters: 'runtime', 'id', 'name', 'ai_accelerator_interface'.
get_dl_device_param | reference text: parameters and keys; the scores are dlproc's own | 'runtime', 'type', 'id', 'name', 'ai_accelerator_interface', 'precisions'.
read_dl_model | reference text: parameters and keys; the scores are dlproc's own | Models that HALCON wrote cannot be read: the error says how to train anew. `initial_dl_anomaly_medium.hdl`, `…_large.hdl` and `…_global.hdl` are dlproc's own networks, and need no file.
write_dl_model | reference text: parameters and keys; the scores are dlproc's own | In dlproc's own form. A name with `.onnx` gives one file for any ONNX runtime.
clear_dl_model | reference text: parameters and keys; the scores are dlproc's own |
clear_handle | reference text: parameters and keys; the scores are dlproc's own |
get_dl_model_param | reference text: parameters and keys; the scores are dlproc's own | The parameters of anomaly detection.
set_dl_model_param | reference text: parameters and keys; the scores are dlproc's own | The parameters of anomaly detection, and dlproc's own 'tile_size', 'tile_overlap', 'decision_rules', 'normalization_type'.
apply_dl_model | reference text: parameters and keys; the scores are dlproc's own | Adds 'domain' to a result whose sample has one. Outputs: 'anomaly_image', 'anomaly_score', with '_local' and '_global' of a model with both; not the layers of the network.
train_dl_model_anomaly_dataset | reference text: parameters and keys; the scores are dlproc's own | Deterministic. The result has the additional key 'suspicious'.
train_dl_model_batch | reference text: parameters and keys; the scores are dlproc's own | Only 'gc_anomaly_detection'.
optimize_dl_model_for_inference | reference text: parameters and keys; the scores are dlproc's own | The samples are needed for every precision: both models are run on them, and a conversion that changes the scores is refused. HALCON's conversion options are errors ([runtimes.md](runtimes.md)).
set_dl_model_param_max_gpu_batch_size | not checked | Sets the bound that is given; nothing is tried out.

# Training
create_dl_train_param | worked example: interface and results of public programs | 'anomaly' knows dlproc's own 'max_memory_mb', 'checkpoint_dir', 'exclude_suspicious'. For 'gc_anomaly_detection' 'augment' is refused but for a percentage of 0.
train_dl_model | worked example: interface and results of public programs | Deterministic. The result has the additional key 'suspicious'.
normalize_dl_gc_anomaly_features | not checked | HALCON's name; what is computed is dlproc's own ([global_context.md](global_context.md)). `train_dl_model` calls it, as in HALCON.
normalize_dl_gc_anomaly_scores | not checked | The same. Scores stay in 0 to 1. `train_dl_model` does it already; once more only makes the model forget its thresholds.

# Thresholds and evaluation
compute_dl_anomaly_thresholds | worked example: interface and results of public programs | HALCON's rule by default, further ones with 'method' ([score_to_decision.md](score_to_decision.md)). Thresholds are stored in the model's 'meta_data'. *Just above* is the next float32.
threshold_dl_anomaly_results | worked example: interface and results of public programs | Compares in float32. 'anomaly_region' is a bool array, which counts as a region everywhere.
evaluate_dl_model | worked example: interface and results of public programs | Takes the model's own threshold where one is needed and none is given; HALCON gives an error. Measures more.
gen_confusion_matrix | not checked | Options 'display_matrix' and 'return_matrix'; colours and widths have no effect.
create_evaluation_default_param | not checked | Anomaly detection only.
get_dl_evaluation_optimization_method | not checked |

# Display of results
* Drawn with matplotlib, as figures. No window opens unless asked (`{'show': True}`); `save_windows_to` and `dlproc run` write them to a folder. All of HALCON's options are understood; those for other model types do nothing. One window dictionary keeps one figure, which the next call draws into. Fonts and some colours are others, which the colour-blind can tell apart.
dev_display_dl_data | not checked | The scores hide the image (`map_transparency` 'ff'), in viridis.
dev_display_dl_data_tiled | not checked | Works for anomaly detection, where HALCON refuses. The sheet grows where tiles would get too small.
dev_display_anomaly_detection_evaluation | not checked | Further modes: 'roc', 'precision_recall', 'pro_curve', 'anomaly_types'.
dev_close_window_dict | not checked |
get_dl_class_colors | not checked | Which colours is dlproc's own choice, but for green.
add_colormap_to_image | not checked | Also 'viridis'.

# Dictionaries
* On plain Python dictionaries, shared by reference. A ported program writes `sample['image']` and `{}` for the first six where it can.
create_dict | reference text |
set_dict_tuple | reference text | Comes back as it was given: 7 as 7, `[7]` as `[7]`.
set_dict_tuple_at | worked example | Behind the end the tuple grows; what lies between is 0.
get_dict_tuple | reference text |
set_dict_object | reference text | The object is not copied.
get_dict_object | reference text |
get_dict_param | reference text | 'keys', 'key_exists', 'key_data_type'. Keys that are integers come as integers.
remove_dict_key | not checked | A key that is not there is no error.
copy_dict | not checked | Shallow; `'deep'` with True copies the values, too (dlproc's own spelling).
read_dict | not checked | Reads dlproc's files, and HALCON's where they hold integers, reals or texts; anything else in them is an error with its place.
write_dict | not checked | In dlproc's own form. For HALCON write JSON.
dict_to_json | second library: Python's json | Keys become texts.
json_to_dict | second library: Python's json | null becomes `[]`.

# Files and system
* Names have forward slashes. Relative ones count from the current folder and are looked for nowhere else: not in HALCON's image folders.
read_image | not checked | tif, gif, bmp, jpg, jp2, png, pcx, pbm, pgm, ppm, webp and others (docs/images.md); HALCON's ima, and several pages, not. Transparency is left out.
write_image | not checked | 'png', 'bmp', 'tiff', 'jpeg', of types byte and uint2.
list_files | reference text | Sorted by name, folders with a slash at the end on every system. A folder that is not there is an error. No 'symlinks'.
list_image_files | worked example: interface and results of public programs | Sorted by name. A folder that is not there is an error.
file_exists | worked example |
parse_filename | worked example: interface and results of public programs | The directory ends with a slash.
make_dir | worked example |
remove_dir | worked example |
remove_dir_recursively | not checked |
delete_file | worked example |
copy_file | worked example |
get_current_dir | worked example |
set_current_dir | worked example |
get_image_dir | not checked | What `set_system ('image_dir', …)` named, else HALCONIMAGES, else '.'.
open_file | reference text | Text in UTF-8; no binary files, no other encodings.
close_file | worked example |
fwrite_string | reference text | Reals have six digits, as in joined texts.
fnew_line | worked example |
fread_line | reference text | The signs that Unicode has for an end of line count, too.
fread_string | reference text |
fread_char | worked example |
count_seconds | worked example |
wait_seconds | worked example |
get_system_time | worked example |
get_system | not checked | What `set_system` knows, 'operating_system', 'processor_num'; 'is_license_valid' is 'true'.
set_system | not checked | 'seed_rand' has its effect; without it the seed is 42, not the clock. 'image_dir' is kept for `get_image_dir`. What changes no result is kept; 'neighborhood' other than 8 and 'store_empty_region' other than 'true' are errors.
dev_set_check | not checked | Errors are raised, always: a program with '~give_error' stops where it went on in HDevelop.
get_error_text | not checked | dlproc's words; '' for a number that has no meaning here.
get_extended_error_info | not checked | Always empty: all is in the message.
tuple_shuffle | not checked | Drawn from the seed.
tuple_histo_range | reference text |
convert_tuple_to_vector_1d | worked example |
convert_vector_to_tuple | worked example |

# Images and their domain
* An image is a NumPy array, (H, W) or (H, W, C). With a reduced domain it is one that has the attribute `domain`, bool (H, W). Where HALCON leaves pixels outside of the domain undefined they are computed here, too; they count no more than there.
reduce_domain | worked example: laws of sets |
get_domain | worked example |
full_domain | worked example |
change_domain | worked example |
rectangle1_domain | worked example |
crop_domain | worked example |
crop_domain_rel | worked example | What would lie outside of the image is 0 and does not count.
crop_part | reference text | Parts may reach beyond all sides; what lies outside is 0 and does not count. HALCON lets them reach beyond the right and the lower side only.
crop_rectangle1 | reference text | As `crop_part`.
get_image_size | worked example |
get_image_type | worked example | byte, uint2, int1, int2, int4, int8, real. Not: direction, cyclic, complex, vector fields.
count_channels | worked example |
convert_image_type | reference text: cut off at the bounds | As `get_image_type`. Reals are rounded, a half up; how HALCON rounds them is not checked.
copy_image | worked example |
gen_image_const | worked example | Zeros; HALCON's are undefined.
gen_image_proto | worked example |
get_grayval | worked example |
set_grayval | worked example |
get_image_pointer1 | not checked | The address of NumPy's memory.

# Channels and colour
rgb1_to_gray | second library: Pillow's luminance |
rgb3_to_gray | second library: Pillow's luminance |
trans_from_rgb | second library: skimage.color | 'hsv' on HALCON's scale; 'yiq', 'yuv', 'cielab', 'ciexyz' as real images on scikit-image's. HALCON's other spaces are not known.
compose2 | worked example |
compose3 | worked example |
compose4 | worked example |
decompose2 | worked example |
decompose3 | worked example |
decompose4 | worked example |
access_channel | worked example |
append_channel | worked example |
image_to_channels | worked example |
channels_to_image | worked example |

# Gray values
* Results have the type of the first image, rounded and cut off at its bounds.
scale_image | reference text |
scale_image_max | reference text |
equ_histo_image | worked example: by hand | byte only.
invert_image | worked example |
abs_image | worked example |
add_image | reference text | int2 images are cut off at their bounds with Mult 1 and Add 0, too.
sub_image | worked example |
mult_image | reference text |
div_image | worked example | Where the divisor is 0 the quotient counts as 0.
abs_diff_image | worked example |
max_image | worked example |
min_image | worked example |
min_max_gray | worked example: printed in the reference |
intensity | reference text |
gray_histo | worked example | byte and uint2 only.
gray_histo_abs | worked example | byte and uint2 only.
gray_features | reference text | 'mean', 'deviation', 'min', 'max', 'median', 'entropy', 'area', 'row', 'column'. Not: ra, rb, phi, plane_deviation, anisotropy, fuzzy_…, moments_…, alpha, beta.
area_center_gray | worked example |

# Filters
* Computed in float64 and rounded: gray values can differ by one from HALCON's, which computes in integers. At the border the image is mirrored; that its last row is not repeated is not checked.
mean_image | second library: scipy.ndimage |
median_image | second library: Pillow's MedianFilter |
median_rect | second library: Pillow's MedianFilter |
gauss_filter | second library: scipy.ndimage.gaussian_filter, sigmas of the reference | The weights are a sampled Gaussian; HALCON's own are not published, so gray values can differ by one or two.
gauss_image | second library: scipy.ndimage.gaussian_filter, sigmas of the reference | As `gauss_filter`.
smooth_image | second library: scipy.ndimage.gaussian_filter | Only 'gauss'. How its alpha becomes HALCON's mask is not checked; here it is the sigma.
binomial_filter | worked example: coefficients of the reference |
sobel_amp | second library: scipy.ndimage.sobel, sizes and factors of the reference | From size 5 on, without '_binomial', the weights are those of `gauss_image`. Of two equal amplitudes side by side 'thin_…' keeps the first. The sign of 'x' and 'y' (positive where it gets brighter to the right, or below) is not checked.
emphasize | reference text |
gray_erosion_rect | second library: Pillow's MinFilter |
gray_dilation_rect | second library: Pillow's MaxFilter |
gray_opening_rect | worked example |
gray_closing_rect | worked example |
gray_range_rect | worked example |

# Geometry
zoom_image_size | not checked | Pixels are averaged where they shrink with 'constant', and smoothed before with 'weighted': gray values can differ from HALCON's.
zoom_image_factor | not checked | As `zoom_image_size`.
mirror_image | worked example |
rotate_image | reference text | 'constant' and 'weighted' are bilinear; gray values between pixels can differ from HALCON's.

# Segmentation
threshold | worked example |
fast_threshold | not checked | Is `threshold`: small regions are found, too.
binary_threshold | second library: skimage.filters.threshold_otsu | Only 'max_separability'; not 'smooth_histo'. To which side the threshold itself belongs, and the threshold of several that are as good, are not checked; here it belongs to 'dark'.
dyn_threshold | worked example |
var_threshold | worked example |

# Making regions
* Regions are not cut off at the border of an image, as with HALCON's `'clip_region'` 'false'. A pixel belongs to a form if its centre lies inside or on the edge, which can be a few pixels other than HALCON's.
gen_empty_obj | worked example |
gen_empty_region | worked example |
gen_rectangle1 | worked example | Corners that are reals are rounded; how HALCON rounds them is not checked.
gen_rectangle2 | worked example | HALCON's can lack single pixels at the edge, or have more.
gen_circle | reference text: radius and centre, skimage.draw.disk | HALCON's can lack single pixels at the edge, or have more. A radius below 0.5 gives one pixel.
gen_ellipse | second library: skimage.draw.ellipse | HALCON's can lack single pixels at the edge, or have more.
gen_region_polygon | reference text | Which pixels a slanting line has is that of scikit-image.
gen_region_polygon_filled | reference text | As `gen_region_polygon`.
gen_region_points | worked example |
gen_region_runs | worked example |
gen_region_line | worked example | As `gen_region_polygon`.
gen_contour_polygon_xld | worked example | The only way to a contour; what can be done with one is in this table and `disp_xld`.
gen_region_contour_xld | not checked | Pixels whose centres lie within, and those of the lines between rounded points.
get_contour_xld | worked example |
get_region_points | worked example |
get_region_runs | worked example |

# Sets of pixels
* Regions grow beyond the image, as with HALCON's `'clip_region'` 'false'.
connection | second library: skimage.measure.label, eight neighbours | Ordered by the first pixel, row by row; HALCON's order is not checked.
union1 | worked example: laws of sets |
union2 | worked example: laws of sets |
intersection | worked example: laws of sets |
difference | worked example: laws of sets |
symm_difference | worked example: laws of sets |
fill_up | second library: scipy.ndimage.binary_fill_holes |
fill_up_shape | worked example |
move_region | worked example |
zoom_region | not checked | A pixel belongs to the region if the pixel that its centre comes from did.
opening_circle | worked example: by the circles of `gen_circle` | With a radius that is a whole number the diameter is even, as in HALCON. The larger part of the circle lies to the right and below; where HALCON has it is not checked, and its regions can lie one pixel off. Single pixels at the circle's edge can differ.
closing_circle | worked example: by the circles of `gen_circle` | As `opening_circle`.
dilation_circle | worked example: by the circles of `gen_circle` | As `opening_circle`.
erosion_circle | worked example: by the circles of `gen_circle` | As `opening_circle`.
opening_rectangle1 | worked example: erosion, then dilation |
closing_rectangle1 | worked example: dilation, then erosion |
dilation_rectangle1 | worked example: even sides by the reference's rule |
erosion_rectangle1 | worked example: even sides by the reference's rule |
shape_trans | reference text | 'convex', 'ellipse', 'outer_circle', 'inner_circle', 'rectangle1', 'rectangle2'. Not: 'inner_rectangle1', 'inner_center'.
boundary | worked example | Pixels with a neighbour beside, above or below outside, or inside; whether HALCON counts those with a neighbour in a diagonal, too, is not checked.
skeleton | not checked | By scikit-image: single pixels can differ.

# Choice of regions, and numbers about them
* Pixels are points, their centres, where nothing else is said.
select_shape | reference text | The features of `region_features`.
select_shape_std | not checked | 'max_area', 'rectangle1', 'rectangle2': regions that fill at least Percent of the rectangle.
select_region_point | worked example |
select_gray | worked example | The features of `gray_features`.
sort_region | reference text | 'character' takes regions for one line that overlap in height with its first.
area_center | second library: skimage.measure.regionprops |
area_holes | worked example |
smallest_rectangle1 | second library: skimage.measure.regionprops |
smallest_rectangle2 | worked example: no direction gives a smaller one |
smallest_circle | reference text: 0.5 more than through the centres |
inner_circle | reference text: the first of the largest circles of `gen_circle` |
region_features | worked example: as the single operators | area, row, column, row1, column1, row2, column2, width, height, ratio, ra, rb, phi, anisometry, bulkiness, struct_factor, circularity, compactness, convexity, contlength, roundness, num_sides, orientation, max_diameter, outer_radius, inner_radius, rect2_phi, rect2_len1, rect2_len2, connect_num, holes_num, area_holes. Not: moments, euler_number, rectangularity, dist_mean, dist_deviation and the like.
circularity | reference text |
compactness | worked example | With the length of `contlength`.
contlength | reference text | At inner corners the border goes in a diagonal; whether HALCON's does is not checked.
roundness | reference text | The border is that of `boundary`, holes included.
convexity | second library: skimage's convex hull |
eccentricity | worked example |
elliptic_axis | second library: skimage.measure.regionprops |
orientation_region | reference text | Of a region that is the same turned round, the direction of `elliptic_axis`.
diameter_region | second library: scipy's pdist |
height_width_ratio | worked example |
connect_and_holes | worked example |
test_equal_region | worked example |
test_region_point | worked example |

# Regions and images
region_to_bin | worked example |
region_to_label | worked example |
region_to_mean | worked example | Outside of the regions 0; what HALCON has there is not checked.
label_to_region | worked example |
paint_region | worked example |
overpaint_region | worked example |
distance_transform | second library: scipy.ndimage.distance_transform_edt | 'city-block', 'chessboard', 'euclidean'. Not: 'octagonal', 'chamfer-3-4'. Whether the border itself has 0 or 1, and what lies outside of the image, is not checked.

# Tuples of objects
count_obj | worked example |
select_obj | worked example |
concat_obj | worked example |
copy_obj | worked example |
remove_obj | worked example |
insert_obj | worked example |
replace_obj | worked example |
clear_obj | worked example | Nothing to do.
get_obj_class | worked example | 'image', 'region', 'xld_cont'.
test_equal_obj | worked example |

# Matrices
create_matrix | second library: NumPy |
clear_matrix | worked example | Nothing to do.
copy_matrix | second library: NumPy |
get_size_matrix | second library: NumPy |
get_full_matrix | second library: NumPy |
set_full_matrix | second library: NumPy |
get_value_matrix | second library: NumPy |
set_value_matrix | second library: NumPy |
get_diagonal_matrix | second library: NumPy |
sum_matrix | second library: NumPy |

# Windows
* No window opens: what one shows is kept and drawn when a picture of it is wanted. `dlproc run` and `save_windows_to` write one when it is about to be covered, cleared or closed. Rows and columns of windows on the screen mean nothing. Where no part is set, the image is shown with square pixels, not stretched. An integer, such as the 3600 of old programs, means the active window.
dev_open_window | worked example: sizes and handles |
dev_open_window_fit_image | worked example: sizes and handles |
dev_open_window_fit_size | worked example: sizes and handles |
dev_resize_window_fit_image | worked example: sizes and handles |
dev_resize_window_fit_size | worked example: sizes and handles |
dev_close_window | worked example: sizes and handles |
dev_clear_window | worked example: pixels of the picture |
dev_set_window | worked example: read back, or seen in the picture |
dev_get_window | worked example: read back, or seen in the picture |
dev_set_window_extents | worked example: read back, or seen in the picture |
dev_set_color | worked example: read back, or seen in the picture |
dev_set_colored | worked example: read back, or seen in the picture | 3, 6 or 12. The first six colours are HALCON's.
dev_set_draw | worked example: read back, or seen in the picture |
dev_set_line_width | worked example: read back, or seen in the picture |
dev_set_part | worked example: read back, or seen in the picture |
dev_set_lut | not checked | 'jet', 'hot', 'temperature', 'rainbow' and the like by matplotlib's nearest; others are gray.
dev_set_paint | not checked | No effect: images are shown as images.
dev_set_shape | worked example: read back, or seen in the picture | As `set_shape`.
dev_set_contour_style | not checked | No effect: contours are lines.
open_window | worked example: sizes and handles |
close_window | worked example: sizes and handles |
clear_window | worked example: pixels of the picture |
set_color | worked example: read back, or seen in the picture |
set_colored | worked example: read back, or seen in the picture | As `dev_set_colored`.
set_rgb | worked example: read back, or seen in the picture |
get_rgb | worked example: read back, or seen in the picture |
set_draw | worked example: read back, or seen in the picture |
get_draw | worked example: read back, or seen in the picture |
set_line_width | worked example: read back, or seen in the picture |
get_line_width | worked example: read back, or seen in the picture |
set_line_style | worked example: read back, or seen in the picture | Outlines of regions stay unbroken.
set_lut | not checked | As `dev_set_lut`.
set_paint | not checked | No effect: images are shown as images.
set_shape | worked example: read back, or seen in the picture | 'original' and 'rectangle1'.
set_part | worked example: read back, or seen in the picture |
get_part | worked example: read back, or seen in the picture |
get_window_extents | worked example: read back, or seen in the picture |
set_window_extents | worked example: read back, or seen in the picture |
set_window_attr | not checked | 'background_color'; others without effect.
set_window_param | not checked | 'background_color'; others are kept, without effect.
get_window_param | not checked | What `set_window_param` set.
flush_buffer | not checked | Nothing to do.
dump_window | worked example: pixels of the picture | 'png', 'jpeg', 'tiff', 'bmp'; not 'postscript'.
dump_window_image | worked example: pixels of the picture | With `--no-display` an image of the background colour.
dev_display | worked example: pixels of the picture |
disp_obj | worked example: pixels of the picture |
disp_image | worked example: pixels of the picture |
disp_color | worked example: pixels of the picture |
disp_channel | worked example: pixels of the picture |
disp_region | worked example: pixels of the picture |
disp_xld | worked example: pixels of the picture |
disp_circle | worked example: pixels of the picture |
disp_ellipse | worked example: pixels of the picture |
disp_rectangle1 | worked example: pixels of the picture |
disp_rectangle2 | worked example: pixels of the picture |
disp_line | worked example: pixels of the picture |
disp_cross | worked example: pixels of the picture |
disp_arrow | worked example: pixels of the picture |
disp_polygon | worked example: pixels of the picture |
dev_disp_text | not checked | As `disp_text`.
disp_text | not checked | A text that begins with 'Press Run' or 'Press F5' is left out.
disp_message | not checked | In dlproc's own fonts.
disp_continue_message | not checked | Nothing is written: nobody is there to press a key.
disp_end_of_program_message | not checked | Nothing is written.
dev_disp_error_text | not checked | In dlproc's own fonts.
set_display_font | not checked | 'mono', 'sans', 'serif'; other names become the nearest.
set_font | not checked | As `set_display_font`.
get_font | not checked |
get_font_extents | not checked | Roughly.
query_font | not checked | Six names that `set_font` takes.
set_tposition | worked example: places in the picture |
write_string | worked example: places in the picture |
new_line | worked example: places in the picture |
get_string_extents | not checked | Roughly: letters are taken to be 0.6 times as wide as high.
dev_get_preferences | not checked | What `dev_set_preferences` set, else 'false'.
dev_get_system | not checked | 'engine_environment' is 'HDevEngine': there is no screen.
dev_get_exception_data | not checked | The line is 0: `dlproc run` names it in its message.

# What only HDevelop's own windows do: accepted, without effect
* A ported program leaves these lines out.
dev_update_off | not checked | No effect.
dev_update_on | not checked | No effect.
dev_update_window | not checked | No effect.
dev_update_pc | not checked | No effect.
dev_update_var | not checked | No effect.
dev_update_time | not checked | No effect.
dev_set_preferences | not checked | No effect.
dev_error_var | not checked | The variable becomes 2 (H_MSG_TRUE): errors are raised, never noted.
dev_inspect_ctrl | not checked | No effect.
dev_close_inspect_ctrl | not checked | No effect.
dev_map_par | not checked | No effect.
dev_map_prog | not checked | No effect.
dev_map_var | not checked | No effect.
dev_unmap_par | not checked | No effect.
dev_unmap_prog | not checked | No effect.
dev_unmap_var | not checked | No effect.

# What needs a person at the screen: an error when it is called
* The error says what to write instead.
draw_rectangle1 | not checked | An error.
draw_rectangle2 | not checked | An error.
draw_circle | not checked | An error.
draw_ellipse | not checked | An error.
draw_line | not checked | An error.
draw_point | not checked | An error.
draw_region | not checked | An error.
draw_polygon | not checked | An error.
draw_xld | not checked | An error.
draw_rectangle1_mod | not checked | An error.
draw_circle_mod | not checked | An error.
get_mbutton | not checked | An error.
get_mposition | not checked | An error.
read_char | not checked | An error.
read_string | not checked | An error.
dev_open_file_dialog | not checked | An error.

# Tuple functions
tuple_abs | second library: NumPy, and 64-bit integers of it |
tuple_acos | second library: NumPy |
tuple_acosh | second library: NumPy |
tuple_add | second library: NumPy, and 64-bit integers of it | A whole real that is joined to a text has `.0`: 'r=2.0'.
tuple_and | worked example |
tuple_asin | second library: NumPy |
tuple_asinh | second library: NumPy |
tuple_atan | second library: NumPy |
tuple_atan2 | second library: NumPy |
tuple_atanh | second library: NumPy |
tuple_band | worked example |
tuple_bnot | worked example |
tuple_bor | worked example |
tuple_bxor | worked example |
tuple_cbrt | second library: SciPy |
tuple_ceil | second library: NumPy |
tuple_chr | worked example |
tuple_chrt | reference text |
tuple_concat | worked example |
tuple_constant | second library: NumPy's limits of numbers |
tuple_cos | second library: NumPy |
tuple_cosh | second library: NumPy |
tuple_cumul | second library: NumPy | Also joins strings.
tuple_deg | second library: NumPy |
tuple_deviation | second library: NumPy |
tuple_difference | second library: Python's sets |
tuple_div | second library: NumPy, and 64-bit integers of it |
tuple_environment | not checked | '' for a variable that is not set.
tuple_equal | reference text: with the tables of the language chapter |
tuple_equal_elem | reference text: with the tables of the language chapter |
tuple_erf | second library: SciPy |
tuple_erfc | second library: SciPy |
tuple_exp | second library: NumPy |
tuple_exp10 | second library: SciPy |
tuple_exp2 | second library: NumPy |
tuple_fabs | second library: NumPy |
tuple_find | reference text | In an empty tuple nothing is found, -1.
tuple_find_first | worked example: printed in the reference |
tuple_find_last | worked example: printed in the reference |
tuple_first_n | worked example |
tuple_floor | second library: NumPy |
tuple_fmod | second library: NumPy |
tuple_gen_const | worked example |
tuple_gen_sequence | reference text |
tuple_greater | reference text: with the tables of the language chapter |
tuple_greater_elem | reference text: with the tables of the language chapter |
tuple_greater_equal | reference text: with the tables of the language chapter |
tuple_greater_equal_elem | reference text: with the tables of the language chapter |
tuple_hypot | second library: NumPy |
tuple_insert | worked example: printed in the reference |
tuple_int | second library: NumPy |
tuple_intersection | second library: Python's sets |
tuple_inverse | worked example |
tuple_is_handle | worked example |
tuple_is_handle_elem | worked example |
tuple_is_int | worked example |
tuple_is_int_elem | worked example |
tuple_is_mixed | worked example |
tuple_is_nan_elem | worked example |
tuple_is_number | worked example |
tuple_is_real | worked example |
tuple_is_real_elem | worked example |
tuple_is_serializable | not checked |
tuple_is_serializable_elem | not checked |
tuple_is_string | worked example |
tuple_is_string_elem | worked example |
tuple_is_valid_handle | not checked | A dictionary, matrix or device stays valid for ever.
tuple_join | not checked |
tuple_last_n | worked example |
tuple_ldexp | worked example |
tuple_length | worked example |
tuple_less | reference text: with the tables of the language chapter |
tuple_less_elem | reference text: with the tables of the language chapter |
tuple_less_equal | reference text: with the tables of the language chapter |
tuple_less_equal_elem | reference text: with the tables of the language chapter |
tuple_lgamma | second library: SciPy |
tuple_log | second library: NumPy |
tuple_log10 | second library: NumPy |
tuple_log2 | second library: NumPy |
tuple_lsh | worked example |
tuple_max | second library: NumPy |
tuple_max2 | second library: NumPy |
tuple_mean | second library: NumPy |
tuple_median | reference text | Of an even number of elements the upper of the two in the middle.
tuple_min | second library: NumPy |
tuple_min2 | second library: NumPy |
tuple_mod | worked example: printed in the reference |
tuple_mult | second library: NumPy, and 64-bit integers of it |
tuple_neg | second library: NumPy, and 64-bit integers of it |
tuple_not | worked example |
tuple_not_equal | reference text: with the tables of the language chapter |
tuple_not_equal_elem | reference text: with the tables of the language chapter |
tuple_number | reference text | '020' is octal, 16, as in C.
tuple_or | worked example |
tuple_ord | worked example |
tuple_ords | worked example |
tuple_pow | second library: NumPy |
tuple_rad | second library: NumPy |
tuple_rand | reference text | From the seed of `set_system`: without one the same numbers in every run.
tuple_real | worked example |
tuple_regexp_match | reference text | Python's regular expressions, with HALCON's options. So for all `regexp_…`.
tuple_regexp_replace | worked example: printed in the reference |
tuple_regexp_select | worked example: printed in the reference |
tuple_regexp_test | reference text |
tuple_remove | worked example: printed in the reference |
tuple_repeat | worked example |
tuple_repeat_elem | worked example |
tuple_replace | worked example: printed in the reference | Behind the end the tuple grows; what lies between is 0.
tuple_round | reference text | Halves go away from zero; the reference says only *nearest*.
tuple_rsh | worked example |
tuple_select | worked example: printed in the reference |
tuple_select_mask | worked example |
tuple_select_range | worked example: printed in the reference |
tuple_select_rank | worked example |
tuple_sem_type | worked example | Words such as 'dict', 'dl_model', 'window', 'file', 'matrix'.
tuple_sem_type_elem | reference text: with its example |
tuple_sgn | second library: NumPy |
tuple_sin | second library: NumPy |
tuple_sinh | second library: NumPy |
tuple_sort | second library: NumPy | Strings and numbers together are an error.
tuple_sort_index | worked example |
tuple_split | worked example: printed in the reference |
tuple_sqrt | second library: NumPy |
tuple_str_bit_select | worked example |
tuple_str_distance | worked example |
tuple_str_first_n | worked example |
tuple_str_last_n | worked example |
tuple_str_replace | not checked |
tuple_strchr | worked example |
tuple_string | reference text: with its examples | Width and precision have four digits at most.
tuple_strlen | worked example |
tuple_strrchr | worked example |
tuple_strrstr | worked example |
tuple_strstr | worked example |
tuple_sub | second library: NumPy, and 64-bit integers of it |
tuple_substr | reference text: with its examples |
tuple_sum | reference text | Of an empty tuple `[]`; where a ported program has one number, 0 or an error.
tuple_symmdiff | second library: Python's sets |
tuple_tan | second library: NumPy |
tuple_tanh | second library: NumPy |
tuple_tgamma | second library: SciPy |
tuple_type | worked example | By the elements that are there now, not by what the tuple held once.
tuple_type_elem | worked example |
tuple_union | reference text: with its examples | Ordered: integers, reals, strings, handles. So for `intersection`, `difference`, `symmdiff`.
tuple_uniq | worked example: printed in the reference |
tuple_xor | worked example |
"""  # noqa: E501  (a row is a line)

_ROW = re.compile(r"(\w+) \| ([a-z ]+)(?:: ([^|]+?))? \|(?: (.+))?")


@dataclass(frozen=True, slots=True)
class Check:
    """How an operator was checked.

    Attributes
    ----------
    way : str
        One of `WAYS`.
    source : str
        A few words on it, ``'scipy.ndimage.sobel'``; may be empty.
    differs : str
        What differs, in Markdown; empty where nothing is known to differ.
    """

    way: str
    source: str
    differs: str

    @property
    def text(self) -> str:
        """``'second library: scipy.ndimage.sobel'``."""
        return f"{self.way}: {self.source}" if self.source else self.way

    @property
    def is_checked(self) -> bool:
        """Whether it was checked in any way."""
        return self.way != NOT_CHECKED


def _read_table() -> tuple[dict[str, Check], dict[str, str]]:
    checks: dict[str, Check] = {}
    remarks: dict[str, str] = {}
    chapter = ""
    for line in filter(None, _TABLE.splitlines()):
        if line.startswith("# "):
            chapter = line[2:]
        elif line.startswith("* "):
            remarks[chapter] = line[2:]
        else:
            row = _ROW.fullmatch(line)
            assert row is not None, line
            name, way, source, differs = row.groups(default="")
            assert way in WAYS, line
            assert name not in checks, line
            checks[name] = Check(way, source, differs)
    return checks, remarks


_CHECKS, _REMARKS = _read_table()

#: How each operator was checked and what differs, by its name; functions of expressions as ``tuple_…``.
CHECKS: Mapping[str, Check] = MappingProxyType(_CHECKS)

#: What holds for all operators of a chapter, by its heading.
REMARKS: Mapping[str, str] = MappingProxyType(_REMARKS)
