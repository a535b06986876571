"""What docs/operators.md says about single operators: how they differ from HALCON's, and what is not there yet.

An operator without a note does what HALCON's reference says of it. A note is written for a reader who knows HALCON's
operator: only what differs, in a line or two.
"""
# ruff: noqa: E501  (a note is a line)

# What holds for all operators of a chapter, said once above its table.
CHAPTERS = {
    "Dataset": "Batches and index tuples are lists. Where a procedure gives a batch it gives a list, also of one; a ported program takes the one out with `[0]`.",
    "Preprocessing": "For the types 'anomaly_detection' and 'gc_anomaly_detection'.",
    "Models and devices": "The parameters are in [training.md](training.md).",
    "Display of results": "Drawn with matplotlib, as figures. No window opens unless asked (`{'show': True}`); `save_windows_to` and `dlproc run` write them to a folder. All of HALCON's options are understood; those for other model types do nothing. One window dictionary keeps one figure, which the next call draws into. Fonts and some colours are others, which the colour-blind can tell apart.",
    "Dictionaries": "On plain Python dictionaries, shared by reference. A ported program writes `sample['image']` and `{}` for the first six where it can.",
    "Files and system": "Names have forward slashes. Relative ones count from the current folder and are looked for nowhere else: not in HALCON's image folders.",
    "Images and their domain": "An image is a NumPy array, (H, W) or (H, W, C). With a reduced domain it is one that has the attribute `domain`, bool (H, W). Where HALCON leaves pixels outside of the domain undefined they are computed here, too; they count no more than there.",
    "Gray values": "Results have the type of the first image, rounded and cut off at its bounds.",
    "Filters": "Computed in float64 and rounded: gray values can differ by one from HALCON's, which computes in integers. At the border the image is mirrored.",
    "Making regions": "Regions are not cut off at the border of an image, as with HALCON's `'clip_region'` 'false'. A pixel belongs to a form if its centre lies inside or on the edge, which can be a few pixels other than HALCON's.",
    "Sets of pixels": "Regions grow beyond the image, as with HALCON's `'clip_region'` 'false'.",
    "Choice of regions, and numbers about them": "Formulas as in HALCON's reference; pixels are points, their centres.",
    "Windows": "No window opens: what one shows is kept and drawn when a picture of it is wanted. `dlproc run` and `save_windows_to` write one when it is about to be covered, cleared or closed. Rows and columns of windows on the screen mean nothing. Where no part is set, the image is shown with square pixels, not stretched. An integer, such as the 3600 of old programs, means the active window.",
    "What only HDevelop's own windows do: accepted, without effect": "A ported program leaves these lines out.",
    "What needs a person at the screen: an error when it is called": "The error says what to write instead.",
}

NOTES = {
    # Dataset
    "read_dl_dataset_anomaly": "Files come sorted by name, so that image ids do not depend on the machine. Between two images that claim one annotation the folder decides, where HALCON gives up. Not read: ima, jxr, ras, xwd, and regions in hobj files.",
    "split_dl_dataset": "Each split that was asked for gets one image at least, if there are enough. The order of the samples changes nothing.",
    "gen_dl_samples": "Only with 'anomaly_detection', 'gc_anomaly_detection', 'image_only' and 'off'. Annotations are images, not hobj files.",
    "write_dl_samples": "In dlproc's own form, which HALCON cannot read.",
    # Preprocessing
    "create_dl_preprocess_param_from_model": "With 'constant_values' mean and deviation come from the model.",
    "check_dl_preprocess_param": "Keys of HALCON's other model types are unknown.",
    "preprocess_dl_model_images": "As `preprocess_dl_samples`.",
    "preprocess_dl_samples": "16 bits count from 0 to 65535 and are brought to 0 to 255; HALCON leaves them as they are with 'none'. With 'constant_values' floats are gray values 0 to 255: 0 to 1, or below 0 as after preprocessing twice, is an error.",
    "preprocess_dl_dataset": "Built beside the folder and moved into place: no half of a folder after an error or Ctrl-C. Folders above are made. A folder with other files in it is not replaced.",
    # Models and devices
    "query_available_dl_devices": "Lists ONNX Runtime and OpenVINO, too, behind the others; these take converted models only. Filters: 'runtime', 'id', 'name', 'ai_accelerator_interface'.",
    "get_dl_device_param": "'runtime', 'type', 'id', 'name', 'ai_accelerator_interface', 'precisions'.",
    "read_dl_model": "Models that HALCON wrote cannot be read: the error says how to train anew. `initial_dl_anomaly_medium.hdl`, `…_large.hdl` and `…_global.hdl` are dlproc's own networks, and need no file.",
    "write_dl_model": "In dlproc's own form. A name with `.onnx` gives one file for any ONNX runtime.",
    "get_dl_model_param": "The parameters of anomaly detection.",
    "set_dl_model_param": "The parameters of anomaly detection, and dlproc's own 'tile_size', 'tile_overlap', 'decision_rules', 'normalization_type'.",
    "apply_dl_model": "Adds 'domain' to a result whose sample has one. Outputs: 'anomaly_image', 'anomaly_score', with '_local' and '_global' of a model with both; not the layers of the network.",
    "train_dl_model_anomaly_dataset": "Deterministic. The result has the additional key 'suspicious'.",
    "train_dl_model_batch": "Only 'gc_anomaly_detection'.",
    "optimize_dl_model_for_inference": "The samples are needed for every precision: both models are run on them, and a conversion that changes the scores is refused. HALCON's conversion options are errors ([runtimes.md](runtimes.md)).",
    "set_dl_model_param_max_gpu_batch_size": "Sets the bound that is given; nothing is tried out.",
    # Training
    "create_dl_train_param": "'anomaly' knows dlproc's own 'max_memory_mb', 'checkpoint_dir', 'exclude_suspicious'. For 'gc_anomaly_detection' 'augment' is refused but for a percentage of 0.",
    "train_dl_model": "Deterministic. The result has the additional key 'suspicious'.",
    "normalize_dl_gc_anomaly_features": "HALCON's name; what is computed is dlproc's own ([global_context.md](global_context.md)). `train_dl_model` calls it, as in HALCON.",
    "normalize_dl_gc_anomaly_scores": "The same. Scores stay in 0 to 1. `train_dl_model` does it already; once more only makes the model forget its thresholds.",
    # Thresholds and evaluation
    "compute_dl_anomaly_thresholds": "HALCON's rule by default, further ones with 'method' ([score_to_decision.md](score_to_decision.md)). Thresholds are stored in the model's 'meta_data'. \"Just above\" is the next float32.",
    "threshold_dl_anomaly_results": "Compares in float32. 'anomaly_region' is a bool array, which counts as a region everywhere.",
    "evaluate_dl_model": "Takes the model's own threshold where one is needed and none is given; HALCON gives an error. Measures more.",
    "gen_confusion_matrix": "Options 'display_matrix' and 'return_matrix'; colours and widths have no effect.",
    "create_evaluation_default_param": "Anomaly detection only.",
    # Display of results
    "dev_display_dl_data": "The scores hide the image (`map_transparency` 'ff'), in viridis.",
    "dev_display_dl_data_tiled": "Works for anomaly detection, where HALCON refuses. The sheet grows where tiles would get too small.",
    "dev_display_anomaly_detection_evaluation": "Further modes: 'roc', 'precision_recall', 'pro_curve', 'anomaly_types'.",
    "get_dl_class_colors": "Which colours is dlproc's own choice, but for green.",
    "add_colormap_to_image": "Also 'viridis'.",
    # Dictionaries
    "set_dict_tuple": "Comes back as it was given: 7 as 7, `[7]` as `[7]`.",
    "set_dict_tuple_at": "Behind the end the tuple grows; what lies between is 0.",
    "set_dict_object": "The object is not copied.",
    "get_dict_param": "'keys', 'key_exists', 'key_data_type'.",
    "remove_dict_key": "A key that is not there is no error.",
    "copy_dict": "Shallow; `'deep'` with True copies the values, too (dlproc's own spelling).",
    "read_dict": "Reads dlproc's files, and HALCON's where they hold integers, reals or texts; anything else in them is an error with its place.",
    "write_dict": "In dlproc's own form. For HALCON write JSON.",
    "dict_to_json": "Keys become texts.",
    "json_to_dict": "null becomes `[]`.",
    # Files and system
    "read_image": "tif, gif, bmp, jpg, jp2, png, pcx, pbm, pgm, ppm, with their extension; HALCON's ima, and several pages, not. Transparency is left out.",
    "write_image": "'png', 'bmp', 'tiff', 'jpeg', of types byte and uint2.",
    "list_files": "Sorted by name. A folder that is not there is an error.",
    "list_image_files": "Sorted by name. A folder that is not there is an error.",
    "parse_filename": "The directory ends with a slash.",
    "get_image_dir": "What `set_system ('image_dir', …)` named, else HALCONIMAGES, else '.'.",
    "open_file": "Text in UTF-8; no binary files.",
    "get_system": "What `set_system` knows, 'operating_system', 'processor_num'; 'is_license_valid' is 'true'.",
    "set_system": "'seed_rand' has its effect; without it the seed is 42, not the clock. 'image_dir' is kept for `get_image_dir`. What changes no result is kept; 'neighborhood' other than 8 and 'store_empty_region' other than 'true' are errors.",
    "get_error_text": "dlproc's words; '' for a number that has no meaning here.",
    "get_extended_error_info": "Always empty: all is in the message.",
    "tuple_shuffle": "Drawn from the seed.",
    # Images and their domain
    "crop_domain_rel": "What would lie outside of the image is 0 and does not count.",
    "crop_part": "Parts may reach beyond all sides; what lies outside is 0 and does not count.",
    "crop_rectangle1": "As `crop_part`.",
    "get_image_type": "byte, uint2, int1, int2, int4, int8, real. Not: direction, cyclic, complex, vector fields.",
    "convert_image_type": "As `get_image_type`. Reals are rounded, a half up.",
    "get_image_pointer1": "The address of NumPy's memory.",
    # Channels and colour
    "trans_from_rgb": "'hsv' on HALCON's scale; 'yiq', 'yuv', 'cielab', 'ciexyz' as real images on scikit-image's.",
    # Gray values
    "div_image": "Where the divisor is 0 the quotient counts as 0.",
    "equ_histo_image": "byte only.",
    "gray_histo": "byte and uint2 only.",
    "gray_histo_abs": "byte and uint2 only.",
    "gray_features": "'mean', 'deviation', 'min', 'max', 'median', 'entropy', 'area', 'row', 'column'.",
    # Filters
    "smooth_image": "Only 'gauss'.",
    "sobel_amp": "Only 'sum_abs' and 'sum_sqrt'.",
    # Geometry
    "zoom_image_size": "Averaged by scikit-image: gray values can differ by one.",
    "zoom_image_factor": "As `zoom_image_size`.",
    "rotate_image": "'constant' and 'weighted' are bilinear.",
    # Segmentation
    "fast_threshold": "Is `threshold`: small regions are found, too.",
    "binary_threshold": "Only 'max_separability', by Otsu as scikit-image has it; not 'smooth_histo'.",
    # Making regions
    "gen_contour_polygon_xld": "The only way to a contour; what can be done with one is in this table and `disp_xld`.",
    # Sets of pixels
    "connection": "By eight neighbours; ordered by the first pixel, row by row.",
    "opening_circle": "The circle is the pixels whose centres are within the radius: at some radii a few pixels other than HALCON's.",
    "closing_circle": "As `opening_circle`.",
    "dilation_circle": "As `opening_circle`.",
    "erosion_circle": "As `opening_circle`.",
    "opening_rectangle1": "An even side counts as the next odd one.",
    "closing_rectangle1": "As `opening_rectangle1`.",
    "dilation_rectangle1": "As `opening_rectangle1`.",
    "erosion_rectangle1": "As `opening_rectangle1`.",
    "shape_trans": "'convex', 'ellipse', 'outer_circle', 'inner_circle', 'rectangle1', 'rectangle2'.",
    "skeleton": "By scikit-image: single pixels can differ.",
    # Choice of regions, and numbers about them
    "select_shape": "The features of `region_features`.",
    "select_shape_std": "'max_area', 'rectangle1', 'rectangle2'.",
    "select_gray": "The features of `gray_features`.",
    "region_features": "area, row, column, row1, column1, row2, column2, width, height, ratio, ra, rb, phi, anisometry, bulkiness, struct_factor, circularity, compactness, convexity, contlength, roundness, num_sides, orientation, max_diameter, outer_radius, inner_radius, rect2_phi, rect2_len1, rect2_len2, connect_num, holes_num, area_holes. Not: moments, euler_number, rectangularity, dist_mean, dist_deviation and the like.",
    "contlength": "As scikit-image's perimeter: parts that are one pixel wide count less.",
    "compactness": "With the length of `contlength`.",
    "smallest_circle": "Through centres of pixels: the radius is up to 0.5 smaller.",
    "inner_circle": "The centre is that of a pixel.",
    "orientation_region": "Of a region that is the same turned round, the direction of `elliptic_axis`.",
    # Regions and images
    "distance_transform": "'city-block', 'chessboard', 'euclidean'.",
    # Tuples of objects
    "clear_obj": "Nothing to do.",
    "get_obj_class": "'image', 'region', 'xld_cont'.",
    # Matrices
    "clear_matrix": "Nothing to do.",
    # Windows
    "dev_set_lut": "'jet', 'hot', 'temperature', 'rainbow' and the like by matplotlib's nearest; others are gray.",
    "set_lut": "As `dev_set_lut`.",
    "dev_set_paint": "No effect: images are shown as images.",
    "set_paint": "No effect: images are shown as images.",
    "dev_set_contour_style": "No effect: contours are lines.",
    "set_shape": "'original' and 'rectangle1'.",
    "dev_set_shape": "As `set_shape`.",
    "dev_set_colored": "3, 6 or 12. The first six colours are HALCON's.",
    "set_colored": "As `dev_set_colored`.",
    "set_line_style": "Outlines of regions stay unbroken.",
    "set_window_attr": "'background_color'; others without effect.",
    "set_window_param": "'background_color'; others are kept, without effect.",
    "get_window_param": "What `set_window_param` set.",
    "flush_buffer": "Nothing to do.",
    "dump_window": "'png', 'jpeg', 'tiff', 'bmp'; not 'postscript'.",
    "dump_window_image": "With `--no-display` an image of the background colour.",
    "disp_text": "A text that begins with 'Press Run' or 'Press F5' is left out.",
    "dev_disp_text": "As `disp_text`.",
    "disp_continue_message": "Nothing is written: nobody is there to press a key.",
    "disp_end_of_program_message": "Nothing is written.",
    "set_display_font": "'mono', 'sans', 'serif'; other names become the nearest.",
    "set_font": "As `set_display_font`.",
    "get_font_extents": "Roughly.",
    "get_string_extents": "Roughly: letters are taken to be 0.6 times as wide as high.",
    "dev_get_preferences": "What `dev_set_preferences` set, else 'false'.",
    "dev_get_system": "'engine_environment' is 'HDevEngine': there is no screen.",
    "dev_get_exception_data": "The line is 0: `dlproc run` names it in its message.",
    # HDevelop's own windows
    "dev_set_check": "Errors are raised, always: a program with '~give_error' stops where it went on in HDevelop.",
    "dev_error_var": "The variable becomes 2 (H_MSG_TRUE): errors are raised, never noted.",
}  # fmt: skip

TUPLE_NOTES = {
    "is_valid_handle": "Only the handle of nothing (HNULL, None) is not.",
    "median": "Of an even number of elements the upper of the two in the middle.",
    "number": "'020' is octal, 16, as in C.",
    "rand": "From the seed of `set_system`: without one the same numbers in every run.",
    "regexp_match": "Python's regular expressions, with HALCON's options. So for all `regexp_…`.",
    "replace": "Behind the end the tuple grows; what lies between is 0.",
    "sem_type": "Words such as 'dict', 'dl_model', 'window', 'file', 'matrix'.",
    "sum": "Of an empty tuple `[]`.",
    "type": "By the elements that are there now, not by what the tuple held once.",
    "union": "Ordered: integers, reals, strings, handles. So for `intersection`, `difference`, `symmdiff`.",
}

# Public names that HALCON does not have.
OWN = {
    "read_dl_dataset_mvtec": "a dataset in the layout of MVTec AD",
    "extend_dl_model": "confirmed good images join a trained model ([training.md](training.md))",
    "estimate_dl_operating_points": "all rules for a threshold side by side",
    "get_dl_anomaly_regions": "regions of a result with area, box, centre and peak, also in the original image",
    "apply_dl_decision_rules": "accept, reject or review, by rules as data ([decision_rules.md](decision_rules.md))",
    "write_dl_report": "an evaluation as one HTML page",
    "save_windows_to": "writes what windows show into a folder",
    "flush_windows": "writes it now",
    "display_off": "draws nothing at all",
    "display_on": "draws again",
}

# Operators and procedures that programs use and dlproc has not: theme, names, what to do instead.
NOT_YET = (
    ("Matching", "create_shape_model find_shape_model get_shape_model_contours clear_shape_model create_scaled_shape_model "
     "find_scaled_shape_model create_generic_shape_model train_generic_shape_model find_generic_shape_model read_shape_model "
     "write_shape_model create_ncc_model find_ncc_model create_component_model find_component_model "
     "create_local_deformable_model create_planar_uncalib_deformable_model create_template best_match",
     "Parts that always lie in the same place need none; otherwise `skimage.feature.match_template` finds shifts"),
    ("Transformations", "vector_angle_to_rigid hom_mat2d_identity hom_mat2d_rotate hom_mat2d_translate hom_mat2d_scale "
     "affine_trans_image affine_trans_region affine_trans_contour_xld affine_trans_point_2d affine_trans_pixel "
     "projective_trans_image polar_trans_image_ext vector_to_hom_mat2d vector_to_proj_hom_mat2d",
     "`skimage.transform.AffineTransform` and `warp`; rotate_image, zoom_image_size, mirror_image, move_region are here"),
    ("Contours (XLD)", "edges_sub_pix lines_gauss threshold_sub_pix gen_contour_region_xld gen_contours_skeleton_xld "
     "segment_contours_xld fit_circle_contour_xld fit_ellipse_contour_xld fit_line_contour_xld fit_rectangle2_contour_xld "
     "select_shape_xld select_contours_xld union_adjacent_contours_xld union_collinear_contours_xld sort_contours_xld "
     "smooth_contours_xld area_center_xld length_xld gen_circle_contour_xld gen_ellipse_contour_xld "
     "gen_rectangle2_contour_xld gen_cross_contour_xld gen_arrow_contour_xld",
     "`skimage.measure.find_contours`, `CircleModel`, `EllipseModel`, `LineModelND`"),
    ("Edges, lines, frequencies", "edges_image edges_color sobel_dir kirsch_amp laplace derivate_gauss diff_of_gauss "
     "bandpass_image nonmax_suppression_amp hysteresis_threshold hough_lines hough_circles fft_generic fft_image "
     "fft_image_inv rft_generic convol_fft gen_gauss_filter gen_lowpass gen_highpass gen_bandpass gen_sin_bandpass "
     "convol_image",
     "`skimage.filters`, `skimage.feature.canny`, `scipy.fft`; sobel_amp, gray_range_rect, dyn_threshold are here"),
    ("Further filters", "anisotropic_diffusion bilateral_filter guided_filter illuminate rank_image rank_rect midrange_image "
     "eliminate_min_max entropy_image deviation_image texture_laws gray_tophat gray_bothat gray_skeleton lut_trans "
     "log_image exp_image sqrt_image pow_image bit_and bit_mask add_noise_white",
     "`skimage.restoration`, `skimage.filters.rank`, NumPy"),
    ("Regions", "opening closing dilation1 dilation2 erosion1 erosion2 opening_seg top_hat bottom_hat hit_or_miss thinning "
     "partition_dynamic partition_rectangle watersheds watersheds_threshold regiongrowing regiongrowing_mean "
     "expand_region expand_gray auto_threshold local_threshold char_threshold dual_threshold histo_to_thresh clip_region "
     "complement background_seg mirror_region transpose_region hamming_distance "
     "distance_rr_min get_region_contour get_region_convex get_region_polygon eliminate_runs junctions_skeleton "
     "closest_point_transform gen_checker_region gen_grid_region gen_random_regions read_region write_region "
     "moments_region_2nd moments_region_central euler_number rectangularity runlength_features",
     "`skimage.morphology` and `skimage.segmentation` on the mask: `region_to_bin`, and back with `threshold`"),
    ("Gray values and texture", "cooc_feature_image gen_cooc_matrix cooc_feature_matrix entropy_gray fuzzy_entropy "
     "fuzzy_perimeter elliptic_axis_gray moments_gray_plane plane_deviation estimate_noise fit_surface_first_order "
     "gen_image_surface_first_order gray_projections histo_2dim gray_histo_range",
     "`skimage.feature.graycomatrix`, NumPy"),
    ("Image acquisition", "open_framegrabber grab_image grab_image_async grab_image_start close_framegrabber "
     "set_framegrabber_param get_framegrabber_param info_framegrabber",
     "A program that grabs from 'File' reads with `list_image_files` and `read_image`; for cameras their maker's Python "
     "package, whose arrays are images here"),
    ("Measuring", "gen_measure_rectangle2 gen_measure_arc measure_pos measure_pairs fuzzy_measure_pos close_measure "
     "create_metrology_model add_metrology_object_circle_measure add_metrology_object_line_measure apply_metrology_model "
     "get_metrology_object_result clear_metrology_model translate_measure",
     "`skimage.measure.profile_line` gives the gray values along a line"),
    ("Calibration", "create_calib_data set_calib_data_cam_param set_calib_data_calib_object find_calib_object "
     "calibrate_cameras get_calib_data clear_calib_data gen_cam_par_area_scan_division image_points_to_world_plane "
     "contour_to_world_plane_xld gen_image_to_world_plane_map map_image set_origin_pose change_radial_distortion_cam_par",
     "OpenCV's `calibrateCamera`"),
    ("Codes and characters", "create_data_code_2d_model find_data_code_2d clear_data_code_2d_model create_bar_code_model "
     "find_bar_code get_bar_code_object clear_bar_code_model read_ocr_class_mlp read_ocr_class_cnn do_ocr_multi_class_mlp "
     "do_ocr_multi_class_cnn do_ocr_word_cnn create_text_model_reader find_text get_text_result get_text_object "
     "clear_text_model append_ocr_trainf trainf_ocr_class_mlp clear_ocr_class_mlp create_deep_ocr apply_deep_ocr",
     "zxing-cpp or pyzbar for codes, Tesseract for texts"),
    ("Classifiers", "create_class_mlp add_sample_class_mlp train_class_mlp classify_class_mlp clear_class_mlp create_class_svm "
     "add_sample_class_svm train_class_svm classify_class_svm create_class_gmm add_sample_class_gmm train_class_gmm "
     "classify_class_gmm clear_class_gmm create_class_knn create_texture_inspection_model "
     "apply_texture_inspection_model create_variation_model train_variation_model prepare_variation_model "
     "compare_variation_model classify_image_class_mlp",
     "scikit-learn; for what a variation or texture model inspects, the anomaly detection of dlproc itself"),
    ("Deep learning of other types", "read_dl_dataset_classification read_dl_dataset_segmentation read_dl_dataset_from_coco "
     "read_dl_dataset_ocr_recognition create_dl_model_detection augment_dl_samples "
     "gen_dl_segmentation_weight_images preprocess_dl_model_segmentations preprocess_dl_model_bbox_rect1 "
     "gen_dl_model_heatmap dev_display_classification_evaluation "
     "dev_display_detection_detailed_evaluation dev_display_segmentation_evaluation  "
     "determine_dl_model_detection_param get_dl_model_layer create_dl_pruning serialize_dl_model deserialize_dl_model "
     "fit_dl_out_of_distribution",
     "Anomaly detection needs no augmentation. For other types a library of that type"),
    ("3D", "create_surface_model find_surface_model read_object_model_3d visualize_object_model_3d gen_object_model_3d_from_points "
     "sample_object_model_3d xyz_to_object_model_3d create_shape_model_3d create_stereo_model binocular_disparity",
     "Open3D"),
    ("Optical flow, tracking, background", "optical_flow_mg create_bg_esti run_bg_esti update_bg_esti derivate_vector_field",
     "`skimage.registration`"),
    ("Threads, messages, processes", "create_mutex lock_mutex unlock_mutex create_event wait_event signal_event create_condition "
     "create_message_queue enqueue_message dequeue_message create_barrier system_call open_socket_connect "
     "open_socket_accept send_tuple receive_tuple open_serial write_serial read_serial open_io_device",
     "Python's own `threading`, `subprocess`, `socket`. `par_start` runs at once, without threads"),
    ("Files", "read_tuple write_tuple read_object write_object fread_bytes fwrite_bytes read_sequence serialize_tuple "
     "fread_serialized_item fwrite_serialized_item get_image_pointer3 gen_image1 gen_image3",
     "`write_dict` and `read_dict` for tuples and objects, NumPy for memory"),
    ("Matrices", "mult_matrix add_matrix sub_matrix invert_matrix transpose_matrix solve_matrix svd_matrix eigenvalues_symmetric_matrix "
     "determinant_matrix mean_matrix max_matrix min_matrix norm_matrix write_matrix read_matrix",
     "A matrix is a NumPy array: `numpy.linalg`"),
)  # fmt: skip
