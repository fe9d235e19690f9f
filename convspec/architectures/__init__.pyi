"""The public names with their types; `make docs` writes this file from the catalogue."""

from . import convnext as convnext
from . import densenet as densenet
from . import efficientnet as efficientnet
from . import efficientnet_v2 as efficientnet_v2
from . import imagenet_utils as imagenet_utils
from . import inception_resnet_v2 as inception_resnet_v2
from . import inception_v3 as inception_v3
from . import mobilenet as mobilenet
from . import mobilenet_v2 as mobilenet_v2
from . import mobilenet_v3 as mobilenet_v3
from . import nasnet as nasnet
from . import resnet as resnet
from . import resnet50 as resnet50
from . import resnet_v2 as resnet_v2
from . import vgg16 as vgg16
from . import vgg19 as vgg19
from . import xception as xception
from .features import Feature as Feature
from .registry import create as create
from .registry import feature_info as feature_info
from .registry import list_models as list_models
from .convnext import ConvNeXtBase as ConvNeXtBase
from .convnext import ConvNeXtLarge as ConvNeXtLarge
from .convnext import ConvNeXtSmall as ConvNeXtSmall
from .convnext import ConvNeXtTiny as ConvNeXtTiny
from .convnext import ConvNeXtXLarge as ConvNeXtXLarge
from .densenet import DenseNet121 as DenseNet121
from .densenet import DenseNet161 as DenseNet161
from .densenet import DenseNet169 as DenseNet169
from .densenet import DenseNet201 as DenseNet201
from .densenet import DenseNet264 as DenseNet264
from .efficientnet import EfficientNetB0 as EfficientNetB0
from .efficientnet import EfficientNetB1 as EfficientNetB1
from .efficientnet import EfficientNetB2 as EfficientNetB2
from .efficientnet import EfficientNetB3 as EfficientNetB3
from .efficientnet import EfficientNetB4 as EfficientNetB4
from .efficientnet import EfficientNetB5 as EfficientNetB5
from .efficientnet import EfficientNetB6 as EfficientNetB6
from .efficientnet import EfficientNetB7 as EfficientNetB7
from .efficientnet_v2 import EfficientNetV2B0 as EfficientNetV2B0
from .efficientnet_v2 import EfficientNetV2B1 as EfficientNetV2B1
from .efficientnet_v2 import EfficientNetV2B2 as EfficientNetV2B2
from .efficientnet_v2 import EfficientNetV2B3 as EfficientNetV2B3
from .efficientnet_v2 import EfficientNetV2L as EfficientNetV2L
from .efficientnet_v2 import EfficientNetV2M as EfficientNetV2M
from .efficientnet_v2 import EfficientNetV2S as EfficientNetV2S
from .inception_resnet_v2 import InceptionResNetV2 as InceptionResNetV2
from .inception_v3 import InceptionV3 as InceptionV3
from .mobilenet import MobileNet as MobileNet
from .mobilenet_v2 import MobileNetV2 as MobileNetV2
from .mobilenet_v3 import MobileNetV3Large as MobileNetV3Large
from .mobilenet_v3 import MobileNetV3Small as MobileNetV3Small
from .nasnet import NASNetLarge as NASNetLarge
from .nasnet import NASNetMobile as NASNetMobile
from .resnet import ResNet101 as ResNet101
from .resnet import ResNet152 as ResNet152
from .resnet import ResNet18 as ResNet18
from .resnet import ResNet34 as ResNet34
from .resnet import ResNet50 as ResNet50
from .resnet_v2 import ResNet101V2 as ResNet101V2
from .resnet_v2 import ResNet152V2 as ResNet152V2
from .resnet_v2 import ResNet50V2 as ResNet50V2
from .vgg16 import VGG16 as VGG16
from .vgg19 import VGG19 as VGG19
from .xception import Xception as Xception
from .signatures import standard as _standard

AlexNet = _standard
AlexNetTwoTowers = _standard
DenseNetBC_100_12 = _standard
DenseNetBC_190_40 = _standard
DenseNetBC_250_24 = _standard
Digits = _standard
GoogLeNet = _standard
InceptionResNetV1 = _standard
InceptionV2 = _standard
InceptionV4 = _standard
LeNet5 = _standard
Pattern = _standard
PreActResNet164 = _standard
ResNeXt101_32x4d = _standard
ResNeXt101_64x4d = _standard
ResNeXt50_32x4d = _standard
ResNet101D = _standard
ResNet110 = _standard
ResNet110Dropout = _standard
ResNet110ExclusiveGate = _standard
ResNet110Projection = _standard
ResNet110Scale = _standard
ResNet110ShortcutGate = _standard
ResNet110StochasticDepth = _standard
ResNet152D = _standard
ResNet20 = _standard
ResNet32 = _standard
ResNet44 = _standard
ResNet50D = _standard
ResNet56 = _standard
ResNetRS101 = _standard
ResNetRS152 = _standard
ResNetRS200 = _standard
ResNetRS270 = _standard
ResNetRS350 = _standard
ResNetRS420 = _standard
ResNetRS50 = _standard
SEInceptionV2 = _standard
SENet154 = _standard
SEResNeXt101_32x4d = _standard
SEResNeXt50_32x4d = _standard
SEResNet101 = _standard
SEResNet152 = _standard
SEResNet18 = _standard
SEResNet34 = _standard
SEResNet50 = _standard
SqueezeNet1_0 = _standard
SqueezeNet1_1 = _standard
VGG11 = _standard
VGG11_LRN = _standard
VGG13 = _standard
VGG16C = _standard
WideResNet101_2 = _standard
WideResNet28_10 = _standard
WideResNet50_2 = _standard
ZFNet = _standard
ZFNet512 = _standard
