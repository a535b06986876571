"""The operators and procedures of HALCON that dlproc has: how HDevelop calls them, and what Python gets back.

One line each, in HALCON's notation, ``name (iconic in : iconic out : control in : control out)``. In Python it is
``dlproc.name(iconic in, control in)``, which returns iconic, then control results.

Marks behind an input: ``!`` it must be a single value, not a list of one; ``?`` it may be left out where it is [].
Behind an output stand how many it gives, and for control outputs the type:

- ``Row=real`` one value, ``Rows=real*`` a list, ``Value=any%`` one or the other;
- ``Row=real~Regions`` as many as the input `Regions`: one for one, a list for a list;
- ``Vector=any^`` a vector of values that are one or the other;
- ``Region~Image+MinGray`` the same of several inputs: a list if one of them is;
- ``DLResults=dict@Samples`` a list that holds one element where the input is one, which is then taken out of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dlproc.hdevelop.kinds import ANYTHING, UNKNOWN, Kind, many, one

_TABLE = """
# Dataset
read_dl_dataset_anomaly ( : : ImageDir, AnomalyDir?, ImageList?, AnomalyList?, GenParam? : DLDataset=dict)
split_dl_dataset ( : : DLDataset!, TrainingPercent, ValidationPercent, GenParam? : )
find_dl_samples ( : : Samples, KeyName, KeyValue, Mode : SampleIndices=natural*)
gen_dl_samples ( : : DLDataset!, SampleIndices, RestrictKeysDLSample, GenParam? : DLSampleBatch=dict@SampleIndices)
gen_dl_samples_from_images (Images : : : DLSampleBatch=dict@Images)
read_dl_samples ( : : DLDataset!, SampleIndices : DLSampleBatch=dict@SampleIndices)
write_dl_samples ( : : DLDataset!, SampleIndices, DLSampleBatch, GenParamName?, GenParamValue? : )

# Preprocessing
create_dl_preprocess_param ( : : DLModelType, ImageWidth, ImageHeight, ImageNumChannels, ImageRangeMin, ImageRangeMax, NormalizationType, DomainHandling, IgnoreClassIDs?, SetBackgroundID?, ClassIDsBackground?, GenParam? : DLPreprocessParam=dict)
create_dl_preprocess_param_from_model ( : : DLModelHandle!, NormalizationType, DomainHandling, SetBackgroundID?, ClassIDsBackground?, GenParam? : DLPreprocessParam=dict)
check_dl_preprocess_param ( : : DLPreprocessParam! : )
replace_legacy_preprocessing_parameters ( : : DLPreprocessParam! : )
preprocess_dl_model_images (Images : ImagesPreprocessed~Images : DLPreprocessParam! : )
preprocess_dl_model_anomaly (AnomalyImages : AnomalyImagesPreprocessed~AnomalyImages : DLPreprocessParam! : )
preprocess_dl_samples ( : : DLSampleBatch, DLPreprocessParam! : )
preprocess_dl_dataset ( : : DLDataset!, DataDirectory, DLPreprocessParam!, GenParam? : DLDatasetFileName=string)

# Models and devices
query_available_dl_devices ( : : GenParamName?, GenParamValue? : DLDeviceHandles=handle*)
get_dl_device_param ( : : DLDeviceHandle!, GenParamName : GenParamValue=any%)
read_dl_model ( : : FileName : DLModelHandle=handle)
write_dl_model ( : : DLModelHandle!, FileName : )
clear_dl_model ( : : DLModelHandle : )
clear_handle ( : : Handle : )
get_dl_model_param ( : : DLModelHandle!, GenParamName : GenParamValue=any%)
set_dl_model_param ( : : DLModelHandle!, GenParamName, GenParamValue : )
apply_dl_model ( : : DLModelHandle!, DLSampleBatch, Outputs? : DLResultBatch=dict@DLSampleBatch)
train_dl_model_anomaly_dataset ( : : DLModelHandle!, DLSamples, DLTrainParam? : DLTrainResult=dict)
train_dl_model_batch ( : : DLModelHandle!, DLSampleBatch : DLTrainResult=dict)
optimize_dl_model_for_inference ( : : DLModelHandle!, DLDeviceHandle!, Precision, DLSamples, GenParam? : DLModelHandleConverted=handle, ConversionReport=dict)
set_dl_model_param_max_gpu_batch_size ( : : DLModelHandle!, BatchSizeUpperBound : )

# Training
create_dl_train_param ( : : DLModelHandle!, NumEpochs, EvaluationIntervalEpochs, EnableDisplay, RandomSeed, GenParamName?, GenParamValue? : TrainParam=dict)
train_dl_model ( : : DLDataset!, DLModelHandle!, TrainParam?, StartEpoch : TrainResults=dict, TrainInfos=dict*, EvaluationInfos=dict*)
normalize_dl_gc_anomaly_features ( : : DLDataset!, DLModelHandle!, GenParam? : )
normalize_dl_gc_anomaly_scores ( : : DLDataset!, DLModelHandle!, GenParam? : )

# Thresholds and evaluation
compute_dl_anomaly_thresholds ( : : DLModelHandle!, DLDataset!, GenParam? : AnomalySegmentationThreshold=real, AnomalyClassificationThresholds=real*)
threshold_dl_anomaly_results ( : : AnomalySegmentationThreshold!, AnomalyClassificationThreshold!, DLResults : )
evaluate_dl_model ( : : DLDataset!, DLModelHandle!, SampleSelectMethod, SampleSelectValues, GenParam? : EvaluationResult=dict, EvalParams=dict)
gen_confusion_matrix ( : : GroundTruthLabels, PredictedClasses, GenParamName?, GenParamValue?, WindowHandle? : ConfusionMatrix=handle)
create_evaluation_default_param ( : : EvaluationType, ClassIDsModel : EvalParams=dict)
get_dl_evaluation_optimization_method ( : : EvaluationKeys : OptimizationMethod=string)

# Display of results
dev_display_dl_data ( : : DLSample!, DLResult, DLDatasetInfo, KeysForDisplay, GenParam?, WindowHandleDict! : )
dev_display_dl_data_tiled ( : : DLDataset!, DLModelHandle!, NumSamples, Split, GenParam?, WindowHandle? : WindowHandleOut=handle)
dev_display_anomaly_detection_evaluation ( : : EvaluationResult!, EvalParam!, GenParam?, WindowHandleDict! : )
dev_close_window_dict ( : : WindowHandleDict! : )
get_dl_class_colors ( : : ClassNames, AdditionalGreenClassNames? : Colors=string*)
add_colormap_to_image (GrayValueImage, Image : ColoredImage~Image : HeatmapColorScheme : )

# Dictionaries
create_dict ( : : : DictHandle=dict)
set_dict_tuple ( : : DictHandle!, Key, Tuple : )
set_dict_tuple_at ( : : DictHandle!, Key, Index, Value : )
get_dict_tuple ( : : DictHandle!, Key : Tuple=any%)
set_dict_object (Object : : DictHandle!, Key : )
get_dict_object ( : Object% : DictHandle!, Key : )
get_dict_param ( : : DictHandle!, GenParamName, Key : GenParamValue=any%)
remove_dict_key ( : : DictHandle!, Key : )
copy_dict ( : : DictHandle!, GenParamName?, GenParamValue? : CopiedDictHandle=dict)
read_dict ( : : FileName, GenParamName?, GenParamValue? : DictHandle=dict)
write_dict ( : : DictHandle!, FileName, GenParamName?, GenParamValue? : )
dict_to_json ( : : DictHandle!, GenParamName?, GenParamValue? : JsonString=string)
json_to_dict ( : : JsonString, GenParamName?, GenParamValue? : DictHandle=dict)

# Files and system
read_image ( : Image~FileName : FileName : )
write_image (Image : : Format, FillColor, FileName : )
list_files ( : : Directory, Options : Files=string*)
list_image_files ( : : ImageDirectory, Extensions, Options : ImageFiles=string*)
file_exists ( : : FileName : FileExists=truth~FileName)
parse_filename ( : : FileName : BaseName=string~FileName, Extension=string~FileName, Directory=string~FileName)
make_dir ( : : DirName : )
remove_dir ( : : DirName : )
remove_dir_recursively ( : : DirName : )
delete_file ( : : FileName : )
copy_file ( : : SourceFile, DestinationFile : )
get_current_dir ( : : : DirName=string)
set_current_dir ( : : DirName : )
get_image_dir ( : : : ImageDir=string)
open_file ( : : FileName, FileType : FileHandle=handle)
close_file ( : : FileHandle : )
fwrite_string ( : : FileHandle!, String : )
fnew_line ( : : FileHandle! : )
fread_line ( : : FileHandle! : OutLine=string, IsEOF=truth)
fread_string ( : : FileHandle! : OutString=string, IsEOF=truth)
fread_char ( : : FileHandle! : Char=string)
count_seconds ( : : : Seconds=real)
wait_seconds ( : : Seconds : )
get_system_time ( : : : MSecond=natural, Second=natural, Minute=natural, Hour=natural, Day=natural, YDay=natural, Month=natural, Year=natural)
get_system ( : : Query : Information=any%)
set_system ( : : SystemParameter, Value : )
dev_set_check ( : : Mode : )
get_error_text ( : : ErrorCode : ErrorMessage=string~ErrorCode)
get_extended_error_info ( : : : OperatorName=string, ErrorCode=integer, ErrorMessage=string)
tuple_shuffle ( : : Tuple : Shuffled=any*)
tuple_histo_range ( : : Tuple, Min, Max, NumBins : Histo=natural*, BinSize=real*)

convert_tuple_to_vector_1d ( : : InputTuple, SubTupleLength : Vector=any^)
convert_vector_to_tuple ( : : InputVector : Tuple=any*)

# Images and their domain
reduce_domain (Image, Region : ImageReduced~Image : : )
get_domain (Image : Domain~Image : : )
full_domain (Image : ImageFull~Image : : )
change_domain (Image, NewDomain : ImageNew~Image : : )
rectangle1_domain (Image : ImageReduced~Image : Row1, Column1, Row2, Column2 : )
crop_domain (Image : ImagePart~Image : : )
crop_domain_rel (Image : ImagePart~Image : Top, Left, Bottom, Right : )
crop_part (Image : ImagePart~Image+Row : Row, Column, Width, Height : )
crop_rectangle1 (Image : ImagePart~Image+Row1 : Row1, Column1, Row2, Column2 : )
get_image_size (Image : : : Width=natural~Image, Height=natural~Image)
get_image_type (Image : : : Type=string~Image)
count_channels (MultiChannelImage : : : Channels=natural~MultiChannelImage)
convert_image_type (Image : ImageConverted~Image : NewType : )
copy_image (Image : DupImage~Image : : )
gen_image_const ( : Image : Type, Width, Height : )
gen_image_proto (Image : ImageCleared~Image : Grayval : )
get_grayval (Image : : Row, Column : Grayval=number%)
set_grayval (Image : : Row, Column, Grayval : )
get_image_pointer1 (Image : : : Pointer=natural, Type=string, Width=natural, Height=natural)

# Channels and colour
rgb1_to_gray (RGBImage : GrayImage~RGBImage : : )
rgb3_to_gray (ImageRed, ImageGreen, ImageBlue : ImageGray~ImageRed : : )
trans_from_rgb (ImageRed, ImageGreen, ImageBlue : ImageResult1, ImageResult2, ImageResult3 : ColorSpace : )
compose2 (Image1, Image2 : MultiChannelImage~Image1 : : )
compose3 (Image1, Image2, Image3 : MultiChannelImage~Image1 : : )
compose4 (Image1, Image2, Image3, Image4 : MultiChannelImage~Image1 : : )
decompose2 (MultiChannelImage : Image1~MultiChannelImage, Image2~MultiChannelImage : : )
decompose3 (MultiChannelImage : Image1~MultiChannelImage, Image2~MultiChannelImage, Image3~MultiChannelImage : : )
decompose4 (MultiChannelImage : Image1~MultiChannelImage, Image2~MultiChannelImage, Image3~MultiChannelImage, Image4~MultiChannelImage : : )
access_channel (MultiChannelImage : Image~MultiChannelImage : Channel : )
append_channel (MultiChannelImage, Image : ImageExtended~MultiChannelImage : : )
image_to_channels (MultiChannelImage : Images* : : )
channels_to_image (Images : MultiChannelImage : : )

# Gray values
scale_image (Image : ImageScaled~Image : Mult, Add : )
scale_image_max (Image : ImageScaleMax~Image : : )
equ_histo_image (Image : ImageEquHisto~Image : : )
invert_image (Image : ImageInvert~Image : : )
abs_image (Image : ImageAbs~Image : : )
add_image (Image1, Image2 : ImageResult~Image1 : Mult, Add : )
sub_image (ImageMinuend, ImageSubtrahend : ImageSub~ImageMinuend : Mult, Add : )
mult_image (Image1, Image2 : ImageResult~Image1 : Mult, Add : )
div_image (Image1, Image2 : ImageResult~Image1 : Mult, Add : )
abs_diff_image (Image1, Image2 : ImageAbsDiff~Image1 : Mult : )
max_image (Image1, Image2 : ImageMax~Image1 : : )
min_image (Image1, Image2 : ImageMin~Image1 : : )
min_max_gray (Regions, Image : : Percent : Min=number~Regions, Max=number~Regions, Range=number~Regions)
intensity (Regions, Image : : : Mean=real~Regions, Deviation=real~Regions)
gray_histo (Regions, Image : : : AbsoluteHisto=natural*, RelativeHisto=real*)
gray_histo_abs (Regions, Image : : Quantization : AbsoluteHisto=natural*)
gray_features (Regions, Image : : Features : Value=number%)
area_center_gray (Regions, Image : : : Area=real~Regions, Row=real~Regions, Column=real~Regions)

# Filters
mean_image (Image : ImageMean~Image : MaskWidth, MaskHeight : )
median_image (Image : ImageMedian~Image : MaskType, Radius, Margin : )
median_rect (Image : ImageMedian~Image : MaskWidth, MaskHeight : )
gauss_filter (Image : ImageGauss~Image : Size : )
gauss_image (Image : ImageGauss~Image : Size : )
smooth_image (Image : ImageSmooth~Image : Filter, Alpha : )
binomial_filter (Image : ImageBinomial~Image : MaskWidth, MaskHeight : )
sobel_amp (Image : EdgeAmplitude~Image : FilterType, Size : )
emphasize (Image : ImageEmphasize~Image : MaskWidth, MaskHeight, Factor : )
gray_erosion_rect (Image : ImageMin~Image : MaskHeight, MaskWidth : )
gray_dilation_rect (Image : ImageMax~Image : MaskHeight, MaskWidth : )
gray_opening_rect (Image : ImageOpening~Image : MaskHeight, MaskWidth : )
gray_closing_rect (Image : ImageClosing~Image : MaskHeight, MaskWidth : )
gray_range_rect (Image : ImageResult~Image : MaskHeight, MaskWidth : )

# Geometry
zoom_image_size (Image : ImageZoom~Image : Width, Height, Interpolation : )
zoom_image_factor (Image : ImageZoomed~Image : ScaleWidth, ScaleHeight, Interpolation : )
mirror_image (Image : ImageMirror~Image : Mode : )
rotate_image (Image : ImageRotate~Image : Phi, Interpolation : )

# Segmentation
threshold (Image : Region~Image+MinGray : MinGray, MaxGray : )
fast_threshold (Image : Region~Image+MinGray : MinGray, MaxGray, MinSize : )
binary_threshold (Image : Region~Image : Method, LightDark : UsedThreshold=number~Image)
dyn_threshold (OrigImage, ThresholdImage : RegionDynThresh~OrigImage : Offset, LightDark : )
var_threshold (Image : Region~Image : MaskWidth, MaskHeight, StdDevScale, AbsThreshold, LightDark : )

# Making regions
gen_empty_obj ( : EmptyObject* : : )
gen_empty_region ( : EmptyRegion : : )
gen_rectangle1 ( : Rectangle~Row1 : Row1, Column1, Row2, Column2 : )
gen_rectangle2 ( : Rectangle~Row : Row, Column, Phi, Length1, Length2 : )
gen_circle ( : Circle~Row : Row, Column, Radius : )
gen_ellipse ( : Ellipse~Row : Row, Column, Phi, Radius1, Radius2 : )
gen_region_polygon ( : Region : Rows, Columns : )
gen_region_polygon_filled ( : Region : Rows, Columns : )
gen_region_points ( : Region : Rows, Columns : )
gen_region_runs ( : Region : Row, ColumnBegin, ColumnEnd : )
gen_region_line ( : RegionLines~BeginRow : BeginRow, BeginCol, EndRow, EndCol : )
gen_contour_polygon_xld ( : Contour : Row, Col : )
gen_region_contour_xld (Contour : Region~Contour : Mode : )
get_contour_xld (Contour : : : Row=real*, Col=real*)
get_region_points (Region : : : Rows=integer*, Columns=integer*)
get_region_runs (Region : : : Row=integer*, ColumnBegin=integer*, ColumnEnd=integer*)

# Sets of pixels
connection (Region : ConnectedRegions* : : )
union1 (Region : RegionUnion : : )
union2 (Region1, Region2 : RegionUnion~Region1 : : )
intersection (Region1, Region2 : RegionIntersection~Region1 : : )
difference (Region, Sub : RegionDifference~Region : : )
symm_difference (Region1, Region2 : RegionDifference~Region1 : : )
fill_up (Region : RegionFillUp~Region : : )
fill_up_shape (Region : RegionFillUp~Region : Feature, Min, Max : )
move_region (Region : RegionMoved~Region : Row, Column : )
zoom_region (Region : RegionZoom~Region : ScaleWidth, ScaleHeight : )
opening_circle (Region : RegionOpening~Region : Radius : )
closing_circle (Region : RegionClosing~Region : Radius : )
dilation_circle (Region : RegionDilation~Region : Radius : )
erosion_circle (Region : RegionErosion~Region : Radius : )
opening_rectangle1 (Region : RegionOpening~Region : Width, Height : )
closing_rectangle1 (Region : RegionClosing~Region : Width, Height : )
dilation_rectangle1 (Region : RegionDilation~Region : Width, Height : )
erosion_rectangle1 (Region : RegionErosion~Region : Width, Height : )
shape_trans (Region : RegionTrans~Region : Type : )
boundary (Region : RegionBorder~Region : BoundaryType : )
skeleton (Region : Skeleton~Region : : )

# Choice of regions, and numbers about them
select_shape (Regions : SelectedRegions* : Features, Operation, Min, Max : )
select_shape_std (Regions : SelectedRegions* : Shape, Percent : )
select_region_point (Regions : DestRegions* : Row, Column : )
select_gray (Regions, Image : SelectedRegions* : Features, Operation, Min, Max : )
sort_region (Regions : SortedRegions* : SortMode, Order, RowOrCol : )
area_center (Regions : : : Area=natural~Regions, Row=real~Regions, Column=real~Regions)
area_holes (Regions : : : Area=natural~Regions)
smallest_rectangle1 (Regions : : : Row1=integer~Regions, Column1=integer~Regions, Row2=integer~Regions, Column2=integer~Regions)
smallest_rectangle2 (Regions : : : Row=real~Regions, Column=real~Regions, Phi=real~Regions, Length1=real~Regions, Length2=real~Regions)
smallest_circle (Regions : : : Row=real~Regions, Column=real~Regions, Radius=real~Regions)
inner_circle (Regions : : : Row=real~Regions, Column=real~Regions, Radius=real~Regions)
region_features (Regions : : Features : Value=number%)
circularity (Regions : : : Circularity=real~Regions)
compactness (Regions : : : Compactness=real~Regions)
contlength (Regions : : : ContLength=real~Regions)
roundness (Regions : : : Distance=real~Regions, Sigma=real~Regions, Roundness=real~Regions, Sides=real~Regions)
convexity (Regions : : : Convexity=real~Regions)
eccentricity (Regions : : : Anisometry=real~Regions, Bulkiness=real~Regions, StructureFactor=real~Regions)
elliptic_axis (Regions : : : Ra=real~Regions, Rb=real~Regions, Phi=real~Regions)
orientation_region (Regions : : : Phi=real~Regions)
diameter_region (Regions : : : Row1=integer~Regions, Column1=integer~Regions, Row2=integer~Regions, Column2=integer~Regions, Diameter=real~Regions)
height_width_ratio (Regions : : : Height=natural~Regions, Width=natural~Regions, Ratio=real~Regions)
connect_and_holes (Regions : : : NumConnected=natural~Regions, NumHoles=natural~Regions)
test_equal_region (Regions1, Regions2 : : : IsEqual=truth)
test_region_point (Regions : : Row, Column : IsInside=truth)

# Regions and images
region_to_bin (Region : BinImage : ForegroundGray, BackgroundGray, Width, Height : )
region_to_label (Region : ImageLabel : Type, Width, Height : )
region_to_mean (Regions, Image : ImageMean : : )
label_to_region (LabelImage : Regions* : : )
paint_region (Region, Image : ImageResult~Image : Grayval, Type : )
overpaint_region (Image, Region : : Grayval, Type : )
distance_transform (Region : DistanceImage : Metric, Foreground, Width, Height : )

# Tuples of objects
count_obj (Objects : : : Number=natural)
select_obj (Objects : ObjectSelected~Index : Index : )
concat_obj (Objects1, Objects2 : ObjectsConcat* : : )
copy_obj (Objects : ObjectsSelected% : Index, NumObj : )
remove_obj (Objects : ObjectsReduced* : Index : )
insert_obj (Objects, ObjectsInsert : ObjectsExtended* : Index : )
replace_obj (Objects, ObjectsReplace : Replaced* : Index : )
clear_obj (Objects : : : )
get_obj_class (Object : : : Class=string~Object)
test_equal_obj (Objects1, Objects2 : : : IsEqual=truth)

# Matrices
create_matrix ( : : Rows, Columns, Value : MatrixID=handle)
clear_matrix ( : : MatrixID : )
copy_matrix ( : : MatrixID! : MatrixCopyID=handle)
get_size_matrix ( : : MatrixID! : Rows=natural, Columns=natural)
get_full_matrix ( : : MatrixID! : Values=real*)
set_full_matrix ( : : MatrixID!, Values : )
get_value_matrix ( : : MatrixID!, Row, Column : Value=real~Row+Column)
set_value_matrix ( : : MatrixID!, Row, Column, Value : )
get_diagonal_matrix ( : : MatrixID!, Diagonal : VectorID=handle)
sum_matrix ( : : MatrixID!, SumType : MatrixSumID=handle)

# Windows
dev_open_window ( : : Row, Column, Width, Height, Background : WindowHandle=handle)
dev_open_window_fit_image (Image : : Row, Column, WidthLimit, HeightLimit : WindowHandle=handle)
dev_open_window_fit_size ( : : Row, Column, Width, Height, WidthLimit, HeightLimit : WindowHandle=handle)
dev_resize_window_fit_image (Image : : Row, Column, WidthLimit, HeightLimit : )
dev_resize_window_fit_size ( : : Row, Column, Width, Height, WidthLimit, HeightLimit : )
dev_close_window ( : : : )
dev_clear_window ( : : : )
dev_set_window ( : : WindowHandle! : )
dev_get_window ( : : : WindowHandle=handle)
dev_set_window_extents ( : : Row, Column, Width, Height : )
dev_set_color ( : : ColorName : )
dev_set_colored ( : : NumColors : )
dev_set_draw ( : : DrawMode : )
dev_set_line_width ( : : LineWidth : )
dev_set_part ( : : Row1, Column1, Row2, Column2 : )
dev_set_lut ( : : LutName : )
dev_set_paint ( : : Mode : )
dev_set_shape ( : : Shape : )
dev_set_contour_style ( : : Style : )
open_window ( : : Row, Column, Width, Height, FatherWindow, Mode, Machine : WindowHandle=handle)
close_window ( : : WindowHandle : )
clear_window ( : : WindowHandle : )
set_color ( : : WindowHandle!, Color : )
set_colored ( : : WindowHandle!, NumberOfColors : )
set_rgb ( : : WindowHandle!, Red, Green, Blue : )
get_rgb ( : : WindowHandle! : Red=any%, Green=any%, Blue=any%)
set_draw ( : : WindowHandle!, Mode : )
get_draw ( : : WindowHandle! : Mode=string)
set_line_width ( : : WindowHandle!, Width : )
get_line_width ( : : WindowHandle! : Width=real)
set_line_style ( : : WindowHandle!, Style : )
set_lut ( : : WindowHandle!, LookUpTable : )
set_paint ( : : WindowHandle!, Mode : )
set_shape ( : : WindowHandle!, Shape : )
set_part ( : : WindowHandle!, Row1, Column1, Row2, Column2 : )
get_part ( : : WindowHandle! : Row1=integer, Column1=integer, Row2=integer, Column2=integer)
get_window_extents ( : : WindowHandle! : Row=integer, Column=integer, Width=natural, Height=natural)
set_window_extents ( : : WindowHandle!, Row, Column, Width, Height : )
set_window_attr ( : : AttributeName, AttributeValue : )
set_window_param ( : : WindowHandle!, Param, Value : )
get_window_param ( : : WindowHandle!, Param : Value=any%)
flush_buffer ( : : WindowHandle! : )
dump_window ( : : WindowHandle!, Device, FileName : )
dump_window_image ( : Image : WindowHandle! : )
dev_display (Object : : : )
disp_obj (Object : : WindowHandle! : )
disp_image (Image : : WindowHandle! : )
disp_color (ColorImage : : WindowHandle! : )
disp_channel (MultichannelImage : : WindowHandle!, Channel : )
disp_region (DispRegions : : WindowHandle! : )
disp_xld (XLDObject : : WindowHandle! : )
disp_circle ( : : WindowHandle!, Row, Column, Radius : )
disp_ellipse ( : : WindowHandle!, CenterRow, CenterCol, Phi, Radius1, Radius2 : )
disp_rectangle1 ( : : WindowHandle!, Row1, Column1, Row2, Column2 : )
disp_rectangle2 ( : : WindowHandle!, CenterRow, CenterCol, Phi, Length1, Length2 : )
disp_line ( : : WindowHandle!, Row1, Column1, Row2, Column2 : )
disp_cross ( : : WindowHandle!, Row, Column, Size, Angle : )
disp_arrow ( : : WindowHandle!, Row1, Column1, Row2, Column2, Size : )
disp_polygon ( : : WindowHandle!, Row, Column : )
dev_disp_text ( : : String, CoordSystem, Row, Column, Color, GenParamName, GenParamValue : )
disp_text ( : : WindowHandle!, String, CoordSystem, Row, Column, Color, GenParamName, GenParamValue : )
disp_message ( : : WindowHandle!, String, CoordSystem, Row, Column, Color, Box : )
disp_continue_message ( : : WindowHandle!, Color, Box : )
disp_end_of_program_message ( : : WindowHandle!, Color, Box : )
dev_disp_error_text ( : : Exception : )
set_display_font ( : : WindowHandle!, Size, Font, Bold, Slant : )
set_font ( : : WindowHandle!, Font : )
get_font ( : : WindowHandle! : Font=string)
get_font_extents ( : : WindowHandle! : MaxAscent=natural, MaxDescent=natural, MaxWidth=natural, MaxHeight=natural)
query_font ( : : WindowHandle! : Font=string*)
set_tposition ( : : WindowHandle!, Row, Column : )
write_string ( : : WindowHandle!, String : )
new_line ( : : WindowHandle! : )
get_string_extents ( : : WindowHandle!, Values : Ascent=natural, Descent=natural, Width=natural, Height=natural)
dev_get_preferences ( : : PreferenceNames : PreferenceValues=any%)
dev_get_system ( : : GenParamNames : GenParamValues=any%)
dev_get_exception_data ( : : Exception, Name : Value=any%)

# What only HDevelop's own windows do: accepted, without effect
dev_update_off ( : : : )
dev_update_on ( : : : )
dev_update_window ( : : DisplayMode : )
dev_update_pc ( : : DisplayMode : )
dev_update_var ( : : DisplayMode : )
dev_update_time ( : : DisplayMode : )
dev_set_preferences ( : : PreferenceNames, PreferenceValues : )
dev_error_var ( : : ErrorVar, Mode : )
dev_inspect_ctrl ( : : Variable : )
dev_close_inspect_ctrl ( : : Variable : )
dev_map_par ( : : : )
dev_map_prog ( : : : )
dev_map_var ( : : : )
dev_unmap_par ( : : : )
dev_unmap_prog ( : : : )
dev_unmap_var ( : : : )

# What needs a person at the screen: an error when it is called
draw_rectangle1 ( : : WindowHandle : Row1=real, Column1=real, Row2=real, Column2=real)
draw_rectangle2 ( : : WindowHandle : Row=real, Column=real, Phi=real, Length1=real, Length2=real)
draw_circle ( : : WindowHandle : Row=real, Column=real, Radius=real)
draw_ellipse ( : : WindowHandle : Row=real, Column=real, Phi=real, Radius1=real, Radius2=real)
draw_line ( : : WindowHandle : Row1=real, Column1=real, Row2=real, Column2=real)
draw_point ( : : WindowHandle : Row=real, Column=real)
draw_region ( : Region : WindowHandle : )
draw_polygon ( : PolygonRegion : WindowHandle : )
draw_xld ( : ContOut : WindowHandle, Rotate, Move, Scale, KeepRatio : )
draw_rectangle1_mod ( : : WindowHandle, Row1, Column1, Row2, Column2 : Row1out=real, Column1out=real, Row2out=real, Column2out=real)
draw_circle_mod ( : : WindowHandle, RowIn, ColumnIn, RadiusIn : Row=real, Column=real, Radius=real)
get_mbutton ( : : WindowHandle : Row=real, Column=real, Button=natural)
get_mposition ( : : WindowHandle : Row=real, Column=real, Button=natural)
read_char ( : : WindowHandle : Char=string, Code=string)
read_string ( : : WindowHandle, InString, Length : OutString=string)
dev_open_file_dialog ( : : FileTypes, Default, Mode : Selection=string)
"""  # noqa: E501  (a row is a line)

_ROW = re.compile(r"(\w+) \((.*)\)")
_OUTPUT = re.compile(r"(\w+)(?:=(\w+))?(?:([*%^])|([~@])([\w+]+))?")


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter that goes in."""

    name: str
    must_be_one: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A result: its `type`, and its `form` or the inputs that decide it.

    Attributes
    ----------
    form : str
        ``'one'``, ``'many'``, ``'either'``, ``'like'`` (as many as the inputs `of`), or ``'each'`` (a list that has as
        many).
    """

    name: str
    type: str
    form: str
    of: tuple[str, ...] = ()

    def kind(self, of: Sequence[Kind]) -> Kind:
        """What is known of the result, given what is known of the inputs `of`; nothing while nothing is of one."""
        if UNKNOWN in of:
            return UNKNOWN
        if self.form in ("like", "each"):
            is_list = self.form == "each" or any(given.is_many for given in of)
            form = "one" if all(given.is_one for given in of) else "many" if is_list else "either"
            return Kind(form, self.type)
        if self.form == "vector":
            return Kind("either", self.type, dimension=1)
        return {"one": one(self.type), "many": many(self.type)}.get(self.form, ANYTHING.with_type(self.type))


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator or procedure; `chapter` is the heading that it stands under."""

    name: str
    chapter: str
    iconic_in: tuple[Input, ...]
    iconic_out: tuple[Output, ...]
    control_in: tuple[Input, ...]
    control_out: tuple[Output, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """All that go in, in Python's order."""
        return self.iconic_in + self.control_in

    @property
    def outputs(self) -> tuple[Output, ...]:
        """All that come out, in Python's order."""
        return self.iconic_out + self.control_out

    @property
    def groups(self) -> tuple[tuple[Input | Output, ...], ...]:
        """The four groups, in the order of a call in HDevelop."""
        return self.iconic_in, self.iconic_out, self.control_in, self.control_out

    @property
    def signature(self) -> str:
        """HALCON's notation, without our marks."""
        inside = " : ".join(", ".join(parameter.name for parameter in group) for group in self.groups)
        return re.sub(" +", " ", f"{self.name} ({inside})")


def _read_input(text: str) -> Input:
    return Input(text.rstrip("!?"), text.endswith("!"), text.endswith("?"))


def _read_output(text: str, default_type: str) -> Output:
    parts = _OUTPUT.fullmatch(text)
    assert parts is not None, text
    name, type_name, count, rule, of = parts.groups()
    form = {"*": "many", "%": "either", "^": "vector", "~": "like", "@": "each"}.get(count or rule or "", "one")
    return Output(name, type_name or default_type, form, tuple(of.split("+")) if of else ())


def _read_table() -> dict[str, Operator]:
    found, chapter = {}, ""
    for line in _TABLE.strip().splitlines():
        if line.startswith("#"):
            chapter = line[2:]
        elif parts := _ROW.fullmatch(line):
            name, inside = parts.groups()
            groups = inside.split(":")
            io, oo, ic, oc = ([part.strip() for part in group.split(",") if part.strip()] for group in groups)
            found[name] = Operator(
                name,
                chapter,
                tuple(map(_read_input, io)),
                tuple(_read_output(text, "object") for text in oo),
                tuple(map(_read_input, ic)),
                tuple(_read_output(text, "any") for text in oc),
            )
    return found


OPERATORS: Mapping[str, Operator] = MappingProxyType(_read_table())

#: Operators that give a parameter which a script names: which input is the name, and what is known of some of them.
NAMED_RESULTS: Mapping[str, tuple[int, Mapping[str, str]]] = MappingProxyType(
    {
        "get_dl_model_param": (
            1,
            {
                "type": "string",
                "image_width": "natural",
                "image_height": "natural",
                "image_num_channels": "natural",
                "image_range_min": "real",
                "image_range_max": "real",
                "complexity": "natural",
                "standard_deviation_factor": "real",
                "batch_size": "natural",
                "meta_data": "dict",
            },
        ),
        "get_dl_device_param": (1, {"name": "string", "type": "string", "runtime": "string"}),
        "dev_get_exception_data": (
            1,
            {
                "error_code": "integer",
                "add_error_code": "integer",
                "error_message": "string",
                "add_error_message": "string",
                "program_line": "natural",
                "operator": "string",
                "procedure": "string",
            },
        ),
    }
)
