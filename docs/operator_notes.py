"""What docs/operators.md says about what is not there yet, and about what HALCON does not have.

What differs in the operators that are there stands in dlproc/hdevelop/differences.py.
"""
# ruff: noqa: E501  (a note is a line)

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
