"""Whoever writes a spec as Keras, PyTorch, timm, Ultralytics, KerasTuner, Ray Tune, Optuna or W&B do learns what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from convspec import InputError, load
from convspec.blocks import BLOCKS, find_block_class
from convspec.blocks.pydantic_model import written_fields
from convspec.language.document import Document
from convspec.language.located import Text
from convspec.language.models import models_in
from convspec.language.recipe import Recipe
from convspec.language.remedies import field_meant
from convspec.language.tune import Tune
from convspec.synonyms import FIELDS, INSTEAD

HEAD = "name: x\ninput: [16, 16, 3]\nclasses: 3\n"
ONE_BLOCK = "body: [conv3-8, {block: conv, filters: 4}]\n"
SPACE = "{train.l2: {uniform: [0.1, 0.2]}}"

TRAIN = {
    "{optimizer: adam}": "train.optimizer: expected a mapping of keys to values, not 'adam'; write `optimizer: {name: adam}`",
    "{optimizer: Adam}": "train.optimizer: expected a mapping of keys to values, not 'Adam'; write `optimizer: {name: adam}`",
    "{optimizer: SGD}": "train.optimizer: expected a mapping of keys to values, not 'SGD'; write `optimizer: {name: sgd}`",
    "{optimizer: adm}": "train.optimizer: expected a mapping of keys to values, not 'adm'; write `optimizer: {name: ...}`",
    "{lr: 0.1}": "train.lr: `train` has no field 'lr'; write `optimizer: {learning_rate: 0.1}`",
    "{learning_rate: 0.1}": "train.learning_rate: `train` has no field 'learning_rate'; write `optimizer: {learning_rate: 0.1}`",
    "{optimizer: {name: adam, lr: 0.1}}": "train.optimizer.lr: `optimizer` has no field 'lr'; did you mean 'learning_rate'?",
    "{optimizer: {adam: {learning_rate: 0.1}}}": "train.optimizer.adam: `optimizer` has no field 'adam'; write {name: adam, learning_rate: 0.1}",
    "{optimizer: {type: adam}}": "train.optimizer.type: `optimizer` has no field 'type'; write `name: adam`",
    "{optimizer: {class_name: Adam, config: {learning_rate: 0.1}}}": "train.optimizer.class_name: `optimizer` has no field 'class_name'; write `name: adam`",
    "{optimizer: {name: adam, betas: [0.9, 0.99]}}": "train.optimizer.betas: `optimizer` has no field 'betas'; write `beta_1: ..., beta_2: ...`",
    "{optimizer: {name: adam, beta1: 0.9}}": "train.optimizer.beta1: `optimizer` has no field 'beta1'; did you mean 'beta_1'?",
    "{optimizer: {name: adam, eps: 1.0e-7}}": "train.optimizer.eps: `optimizer` has no field 'eps'; did you mean 'epsilon'?",
    "{optimizer: {name: adam, decay: 0.1}}": "train.optimizer.decay: `optimizer` has no field 'decay'; the learning rate falls by `train: {schedule: ...}`; the decay of weights is weight_decay",
    "{optimizer: {name: adam, wd: 0.1}}": "train.optimizer.wd: `optimizer` has no field 'wd'; did you mean 'weight_decay'?",
    "{optimizer: {name: adam, clip_norm: 1.0}}": "train.optimizer.clip_norm: `optimizer` has no field 'clip_norm'; did you mean 'clipnorm'?",
    "{momentum: 0.9}": "train.momentum: `train` has no field 'momentum'; write `optimizer: {name: sgd, momentum: 0.9}`",
    "{weight_decay: 0.1}": "train.weight_decay: `train` has no field 'weight_decay'; write `optimizer: {weight_decay: 0.1}`",
    "{wd: 0.1}": "train.wd: `train` has no field 'wd'; write `optimizer: {weight_decay: 0.1}`",
    "{opt: adam}": "train.opt: `train` has no field 'opt'; did you mean 'optimizer'?",
    "{sched: cosine}": "train.sched: `train` has no field 'sched'; did you mean 'schedule'?",
    "{scheduler: cosine}": "train.scheduler: `train` has no field 'scheduler'; did you mean 'schedule'?",
    "{lr_scheduler: cosine}": "train.lr_scheduler: `train` has no field 'lr_scheduler'; did you mean 'schedule'?",
    "{lr_schedule: cosine}": "train.lr_schedule: `train` has no field 'lr_schedule'; did you mean 'schedule'?",
    "{schedule: cosine}": "train.schedule: expected a mapping of keys to values, not 'cosine'; write `schedule: {name: cosine}`",
    "{schedule: CosineAnnealingLR}": "train.schedule: expected a mapping of keys to values, not 'CosineAnnealingLR'; write `schedule: {name: cosine}`",
    "{schedule: {name: cosine, warmup_epochs: 3}}": "train.schedule.warmup_epochs: `schedule` has no field 'warmup_epochs'; did you mean 'warmup'?",
    "{schedule: {name: step, gamma: 0.1}}": "train.schedule.gamma: `schedule` has no field 'gamma'; did you mean 'factor'?",
    "{schedule: {name: step, step_size: 10}}": "train.schedule.step_size: `schedule` has no field 'step_size'; did you mean 'every'?",
    "{schedule: {name: step, milestones: [3, 6]}}": "train.schedule.milestones: `schedule` has no field 'milestones'; did you mean 'at'?",
    "{schedule: {name: step, decay_rate: 0.1}}": "train.schedule.decay_rate: `schedule` has no field 'decay_rate'; did you mean 'factor'?",
    "{schedule: {name: cosine, min_lr: 0.01}}": "train.schedule.min_lr: `schedule` has no field 'min_lr'; write `minimum: ...`, a fraction of the optimizer's learning rate",
    "{schedule: {name: cosine, eta_min: 0.01}}": "train.schedule.eta_min: `schedule` has no field 'eta_min'; write `minimum: ...`, a fraction of the optimizer's learning rate",
    "{schedule: {name: cosine_restarts, T_0: 10, T_mult: 2}}": "train.schedule.T_0: `schedule` has no field 'T_0'; did you mean 'period'?",
    "{warmup_epochs: 5}": "train.warmup_epochs: `train` has no field 'warmup_epochs'; write `schedule: {warmup: 5}`",
    "{warmup: 5}": "train.warmup: `train` has no field 'warmup'; write `schedule: {warmup: 5}`",
    "{epoch: 3}": "train.epoch: `train` has no field 'epoch'; did you mean 'epochs'?",
    "{num_epochs: 3}": "train.num_epochs: `train` has no field 'num_epochs'; did you mean 'epochs'?",
    "{max_epochs: 3}": "train.max_epochs: `train` has no field 'max_epochs'; did you mean 'epochs'?",
    "{n_epochs: 3}": "train.n_epochs: `train` has no field 'n_epochs'; did you mean 'epochs'?",
    "{bs: 32}": "train.bs: `train` has no field 'bs'; did you mean 'batch_size'?",
    "{batch: 32}": "train.batch: `train` has no field 'batch'; did you mean 'batch_size'?",
    "{batchsize: 32}": "train.batchsize: `train` has no field 'batchsize'; did you mean 'batch_size'?",
    "{loss: categorical_crossentropy}": "train.loss: `train` has no field 'loss'; the loss is always the cross-entropy of the classes; label_smoothing and class_weights change it",
    "{smoothing: 0.1}": "train.smoothing: `train` has no field 'smoothing'; did you mean 'label_smoothing'?",
    "{mixup_alpha: 0.2}": "train.mixup_alpha: `train` has no field 'mixup_alpha'; did you mean 'mixup'?",
    "{cutmix_alpha: 0.2}": "train.cutmix_alpha: `train` has no field 'cutmix_alpha'; did you mean 'cutmix'?",
    "{ema_decay: 0.999}": "train.ema_decay: `train` has no field 'ema_decay'; did you mean 'ema'?",
    "{model_ema: true}": "train.model_ema: `train` has no field 'model_ema'; `ema` is the decay: write `ema: 0.999`",
    "{early_stopping: true}": "train.early_stopping: expected a mapping of keys to values, not true; write `early_stopping: {}`",
    "{early_stopping: 5}": "train.early_stopping: expected a mapping of keys to values, not 5; write `early_stopping: {patience: 5}`",
    "{patience: 5}": "train.patience: `train` has no field 'patience'; write `early_stopping: {patience: 5}` or `schedule: {name: plateau, patience: 5}`",
    "{callbacks: [EarlyStopping]}": "train.callbacks: `train` has no field 'callbacks'; write `early_stopping: {}`, `schedule: {...}` or `ema: ...`; others are arguments in Python",
    "{val_split: 0.1}": "train.val_split: `train` has no field 'val_split'; did you mean 'validation_split'?",
    "{random_seed: 1}": "train.random_seed: `train` has no field 'random_seed'; did you mean 'seed'?",
    "{class_weight: balanced}": "train.class_weight: `train` has no field 'class_weight'; did you mean 'class_weights'?",
    "{amp: true}": "train.amp: `train` has no field 'amp'; write `mixed_precision: float16`",
    "{precision: 16}": "train.precision: `train` has no field 'precision'; write `mixed_precision: float16` or bfloat16",
    "{fp16: true}": "train.fp16: `train` has no field 'fp16'; write `mixed_precision: float16`",
    "{l1: 0.1}": "train.l1: `train` has no field 'l1'; the penalty on kernels is `l2: ...`",
    "{regularizer: l2}": "train.regularizer: `train` has no field 'regularizer'; the penalty on kernels is `l2: ...`",
    "{kernel_regularizer: l2}": "train.kernel_regularizer: `train` has no field 'kernel_regularizer'; the penalty on kernels is `l2: ...`",
    "{dropout: 0.1}": "train.dropout: `train` has no field 'dropout'; write `head: {dropout: 0.1}`, or {block: dropout, rate: 0.1} in the body",
    "{augment: true}": "train.augment: `train` has no field 'augment'; did you mean 'augmentation'?",
    "{augmentation: {hflip: 0.5}}": "train.augmentation.hflip: `augmentation` has no field 'hflip'; write `flip: horizontal`",
    "{augmentation: {horizontal_flip: true}}": "train.augmentation.horizontal_flip: `augmentation` has no field 'horizontal_flip'; write `flip: horizontal`",
    "{augmentation: {rotation_range: 10}}": "train.augmentation.rotation_range: `augmentation` has no field 'rotation_range'; did you mean 'rotation'?",
    "{augmentation: {degrees: 10}}": "train.augmentation.degrees: `augmentation` has no field 'degrees'; did you mean 'rotation'?",
    "{augmentation: {width_shift_range: 0.1}}": "train.augmentation.width_shift_range: `augmentation` has no field 'width_shift_range'; write `translation: ...`, a fraction of the side for both axes",
    "{augmentation: {fliplr: 0.5}}": "train.augmentation.fliplr: `augmentation` has no field 'fliplr'; write `flip: horizontal`",
    "{augmentation: {translate: 0.1}}": "train.augmentation.translate: `augmentation` has no field 'translate'; did you mean 'translation'?",
    "{augmentation: {scale: 0.1}}": "train.augmentation.scale: `augmentation` has no field 'scale'; write `zoom: ...`, the largest change",
    "{augmentation: {random_crop: 4}}": "train.augmentation.random_crop: `augmentation` has no field 'random_crop'; did you mean 'crop'?",
    "{augmentation: {randaugment: 2}}": "train.augmentation.randaugment: `augmentation` has no field 'randaugment'; did you mean 'rand_augment'?",
    "{augmentation: {rand_augment: true}}": "train.augmentation.rand_augment: expected a mapping of keys to values, not true; write `rand_augment: {}`",
    "{augmentation: {rand_augment: {n: 2, m: 9}}}": "train.augmentation.rand_augment.n: `rand_augment` has no field 'n'; did you mean 'operations'?",
    "{augmentation: {rand_augment: {num_ops: 2}}}": "train.augmentation.rand_augment.num_ops: `rand_augment` has no field 'num_ops'; did you mean 'operations'?",
    "{augmentation: {color_jitter: 0.4}}": "train.augmentation.color_jitter: `augmentation` has no field 'color_jitter'; write `brightness: ..., contrast: ..., saturation: ...`",
    "{augmentation: {mixup: 0.1}}": "train.augmentation.mixup: `augmentation` has no field 'mixup'; write `train: {mixup: 0.1}`",
    "{augmentation: {random_erasing: 0.1}}": "train.augmentation.random_erasing: `augmentation` has no field 'random_erasing'; the nearest is `cutout: ...`, the side of a square in pixels",
    "{preprocessing: {mean: [0.5], std: [0.5]}}": "train.preprocessing.mean: `preprocessing` has no field 'mean'; means and deviations come from the training images: `subtract_mean: channel, standardize: true`",
    "{preprocessing: {normalize: true}}": "train.preprocessing.normalize: `preprocessing` has no field 'normalize'; means and deviations come from the training images: `subtract_mean: channel, standardize: true`",
    "{finetune: imagenet}": "train.finetune: expected a mapping of keys to values, not 'imagenet'; write `finetune: {weights: imagenet}`",
    "{pretrained: true}": "train.pretrained: `train` has no field 'pretrained'; write `finetune: {weights: imagenet}`",
    "{weights: imagenet}": "train.weights: `train` has no field 'weights'; write `finetune: {weights: imagenet}`",
    "{freeze: all}": "train.freeze: `train` has no field 'freeze'; write `finetune: {weights: ..., freeze: ...}`",
    "{jit: true}": "train.jit: `train` has no field 'jit'; did you mean 'jit_compile'?",
    "{clipnorm: 1.0}": "train.clipnorm: `train` has no field 'clipnorm'; write `optimizer: {clipnorm: 1.0}`",
    "{grad_clip: 1.0}": "train.grad_clip: `train` has no field 'grad_clip'; write `optimizer: {global_clipnorm: 1.0}`",
    "{clip_grad: 1.0}": "train.clip_grad: `train` has no field 'clip_grad'; write `optimizer: {global_clipnorm: 1.0}`",
    "{schedule: {cosine: {warmup: 3}}}": "train.schedule.cosine: `schedule` has no field 'cosine'; write {name: cosine, warmup: 3}",
    "{early_stopping: {patience: 3, min_delta: 0.1}}": "train.early_stopping.min_delta: `early_stopping` has no field 'min_delta'; did you mean 'minimum_change'?",
    "{early_stopping: {restore_best_weights: true}}": "train.early_stopping.restore_best_weights: `early_stopping` has no field 'restore_best_weights'; did you mean 'restore_best'?",
    "{early_stopping: {metric: val_loss}}": "train.early_stopping.metric: `early_stopping` has no field 'metric'; did you mean 'monitor'?",
    "{early_stopping: {mode: max}}": "train.early_stopping.mode: `early_stopping` has no field 'mode'; whether more or less is better is known from `monitor`",
}  # fmt: skip
BODY = {
    "{block: conv, filters: 8, squeeze_excite: true}": "body[0].squeeze_excite: expected a mapping of keys to values, not true; write `squeeze_excite: {}`",
    "{block: conv, filters: 8, se: true}": "body[0].se: conv has no field 'se'; write `squeeze_excite: {}`",
    "{block: conv, filters: 8, se_ratio: 0.25}": "body[0].se_ratio: conv has no field 'se_ratio'; write `squeeze_excite: {ratio: ...}`, how many times fewer channels: 4 for a fourth",
    "{block: conv, filters: 8, squeeze_excite: 16}": "body[0].squeeze_excite: expected a mapping of keys to values, not 16; write `squeeze_excite: {ratio: 16}`",
    "{block: conv, filters: 8, squeeze_excite: {reduction: 4}}": "body[0].squeeze_excite.reduction: `squeeze_excite` has no field 'reduction'; did you mean 'ratio'?",
    "{block: conv, filters: 8, squeeze_excite: {se_ratio: 0.25}}": "body[0].squeeze_excite.se_ratio: `squeeze_excite` has no field 'se_ratio'; write `ratio: ...`, how many times fewer channels: 4 for a fourth",
    "{conv: 3, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, kernel_size: 3, filters: 8}",
    "{conv: {filters: 8}}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{Conv2D: {filters: 8}}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{Conv2D: {filters: 8, kernel_size: 3}}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8, kernel_size: 3}",
    "{maxpool: 2}": "body[0]: needs `block`, the name of a block; write {block: max_pool, pool_size: 2}",
    "{max_pool: 2}": "body[0]: needs `block`, the name of a block; write {block: max_pool, pool_size: 2}",
    "{type: conv, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{layer: conv, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{class_name: Conv2D, config: {filters: 8}}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{op: conv, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{kind: conv, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{conv: null, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: 8}",
    "{dropout: 0.5}": "body[0]: needs `block`, the name of a block; write {block: dropout, rate: 0.5}",
    "{dense: 10}": "body[0]: needs `block`, the name of a block; write {block: dense, units: 10}",
    "{relu: null}": "body[0]: needs `block`, the name of a block; write {block: relu}",
    "[-1, 1, Conv, [64, 3, 2]]": "body[0]: expected a block, not [-1, 1, 'Conv', [64, 3, 2]]; a block is a mapping such as {block: conv, filters: 8}, or a text such as conv3-8",
    "conv": "body[0]: 'conv' is no block in VGG's notation; write {block: conv, filters: ...}",
    "Conv2D": "body[0]: 'Conv2D' is no block in VGG's notation; write {block: conv, filters: ...}",
    "conv3": "body[0]: 'conv3' is no block in VGG's notation; the forms are conv3-64 (CONV-RELU: size-filters), conv3-64/2 (with a stride), conv1x7-64, maxpool2/2 (size/stride), avgpool3/2, fc4096 (FC-RELU), dropout0.5, flatten, globalavgpool, globalmaxpool, batchnorm, relu, lrn",
    "maxpool": "body[0]: 'maxpool' is no block in VGG's notation; write {block: max_pool}",
    "conv-3-64": "body[0]: 'conv-3-64' is no block in VGG's notation; the forms are conv3-64 (CONV-RELU: size-filters), conv3-64/2 (with a stride), conv1x7-64, maxpool2/2 (size/stride), avgpool3/2, fc4096 (FC-RELU), dropout0.5, flatten, globalavgpool, globalmaxpool, batchnorm, relu, lrn",
    "conv2d": "body[0]: 'conv2d' is no block in VGG's notation; write {block: conv, filters: ...}",
    "dense10": "body[0]: 'dense10' is no block in VGG's notation; the forms are conv3-64 (CONV-RELU: size-filters), conv3-64/2 (with a stride), conv1x7-64, maxpool2/2 (size/stride), avgpool3/2, fc4096 (FC-RELU), dropout0.5, flatten, globalavgpool, globalmaxpool, batchnorm, relu, lrn",
    "bottleneck": "body[0]: 'bottleneck' is no block in VGG's notation; write {block: bottleneck, filters: ...}",
    "{block: bottleneck, filters: 8, shortcut: none}": "body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', 'shortcut_gate' or 'dropout', not 'none'; blocks without a shortcut are conv_norm_act, or {block: sequence, body: [...]}",
    "{block: basic, filters: 16, shortcut: null}": "body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', 'shortcut_gate' or 'dropout', not null; blocks without a shortcut are conv_norm_act, or {block: sequence, body: [...]}",
    "{block: basic, filters: 16, shortcut: false}": "body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', 'shortcut_gate' or 'dropout', not false; blocks without a shortcut are conv_norm_act, or {block: sequence, body: [...]}",
    "{block: basic, filters: 16, shortcut: conv}": "body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', 'shortcut_gate' or 'dropout', not 'conv'; did you mean 'projection'?",
    "{block: conv, filters: 8, padding: SAME}": "body[0].padding: no padding is called 'SAME'; did you mean 'same'?",
    "{block: conv, filters: 8, pad: same}": "body[0].pad: conv has no field 'pad'; did you mean 'padding'?",
    "{block: conv, filters: 8, kernel: 3}": "body[0].kernel: conv has no field 'kernel'; did you mean 'kernel_size'?",
    "{block: conv, filters: 8, k: 3}": "body[0].k: conv has no field 'k'; did you mean 'kernel_size'?",
    "{block: conv, filters: 8, ksize: 3}": "body[0].ksize: conv has no field 'ksize'; did you mean 'kernel_size'?",
    "{block: conv, filters: 8, size: 3}": "body[0].size: conv has no field 'size'; did you mean 'kernel_size'?",
    "{block: conv, filters: 8, s: 2}": "body[0].s: conv has no field 's'; did you mean 'strides'?",
    "{block: conv, filters: 8, p: 1}": "body[0].p: conv has no field 'p'; did you mean 'padding'?",
    "{block: conv, filters: 8, d: 1}": "body[0].d: conv has no field 'd'; did you mean 'dilation_rate'?",
    "{block: conv, filters: 8, g: 1}": "body[0].g: conv has no field 'g'; did you mean 'groups'?",
    "{block: conv, filters: 8, act: relu}": "body[0].act: conv has no field 'act'; did you mean 'activation'?",
    "{block: conv, filters: 8, nonlinearity: relu}": "body[0].nonlinearity: conv has no field 'nonlinearity'; did you mean 'activation'?",
    "{block: conv, filters: 8, activation: none}": "body[0].activation: no activation is called 'none'; linear leaves values as they are",
    "{block: conv, filters: 8, activation: None}": "body[0].activation: no activation is called 'None'; linear leaves values as they are",
    "{block: conv, filters: 8, activation: false}": "body[0].activation: expected text, not false; write null",
    "{block: conv, filters: 8, bias: false}": "body[0].bias: conv has no field 'bias'; did you mean 'use_bias'?",
    "{block: conv, filters: 8, bn: true}": "body[0].bn: conv has no field 'bn'; a convolution with its norm is the block conv_norm_act",
    "{block: conv, filters: 8, batch_norm: true}": "body[0].batch_norm: conv has no field 'batch_norm'; a convolution with its norm is the block conv_norm_act",
    "{block: conv, filters: 8, batchnorm: true}": "body[0].batchnorm: conv has no field 'batchnorm'; a convolution with its norm is the block conv_norm_act",
    "{block: conv, filters: 8, norm: batch}": "body[0].norm: conv has no field 'norm'; a convolution with its norm is the block conv_norm_act",
    "{block: conv_norm_act, filters: 8, norm: batch}": "body[0].norm: expected a mapping of keys to values, not 'batch'; write `norm: {kind: batch}`",
    "{block: conv_norm_act, filters: 8, norm: true}": "body[0].norm: expected a mapping of keys to values, not true; write `norm: {}`",
    "{block: conv_norm_act, filters: 8, norm: false}": "body[0].norm: expected a mapping of keys to values, not false; write `norm: null`",
    "{block: conv_norm_act, filters: 8, norm: bn}": "body[0].norm: expected a mapping of keys to values, not 'bn'; write `norm: {kind: batch}`",
    "{block: conv_norm_act, filters: 8, norm: {type: layer}}": "body[0].norm.type: `norm` has no field 'type'; write `kind: layer`",
    "{block: conv_norm_act, filters: 8, norm: {kind: layer_norm}}": "body[0].norm.kind: expected 'batch' or 'layer', not 'layer_norm'; did you mean 'layer'?",
    "{block: conv_norm_act, filters: 8, norm: {kind: batch, eps: 0.1}}": "body[0].norm.eps: `norm` has no field 'eps'; did you mean 'epsilon'?",
    "{block: conv, out_channels: 8}": "body[0].out_channels: conv has no field 'out_channels'; did you mean 'filters'?",
    "{block: conv, in_channels: 3, out_channels: 8}": "body[0].in_channels: conv has no field 'in_channels'; leave it out: it follows from what the block is connected to",
    "{block: conv, in_channels: 3, filters: 8}": "body[0].in_channels: conv has no field 'in_channels'; leave it out: it follows from what the block is connected to",
    "{block: conv, channels: 8}": "body[0].channels: conv has no field 'channels'; did you mean 'filters'?",
    "{block: conv, units: 8}": "body[0].units: conv has no field 'units'; did you mean 'filters'?",
    "{block: conv, n_filters: 8}": "body[0].n_filters: conv has no field 'n_filters'; did you mean 'filters'?",
    "{block: conv, num_filters: 8}": "body[0].num_filters: conv has no field 'num_filters'; did you mean 'filters'?",
    "{block: conv, nb_filter: 8}": "body[0].nb_filter: conv has no field 'nb_filter'; did you mean 'filters'?",
    "{block: conv, output_channels: 8}": "body[0].output_channels: conv has no field 'output_channels'; did you mean 'filters'?",
    "{block: conv, features: 8}": "body[0].features: conv has no field 'features'; did you mean 'filters'?",
    "{block: conv, planes: 8}": "body[0].planes: conv has no field 'planes'; did you mean 'filters'?",
    "{block: conv, filter: 8}": "body[0].filter: conv has no field 'filter'; did you mean 'filters'?",
    "{block: conv, filters: 8, stride: 2}": "body[0].stride: conv has no field 'stride'; did you mean 'strides'?",
    "{block: conv, filters: 8, subsample: 2}": "body[0].subsample: conv has no field 'subsample'; did you mean 'strides'?",
    "{block: conv, filters: 8, dilation: 2}": "body[0].dilation: conv has no field 'dilation'; did you mean 'dilation_rate'?",
    "{block: conv, filters: 8, group: 2}": "body[0].group: conv has no field 'group'; did you mean 'groups'?",
    "{block: conv, filters: 8, cardinality: 2}": "body[0].cardinality: conv has no field 'cardinality'; did you mean 'groups'?",
    "{block: conv, filters: 8, init: he_normal}": "body[0].init: conv has no field 'init'; did you mean 'kernel_initializer'?",
    "{block: conv, filters: 8, weight_init: he_normal}": "body[0].weight_init: conv has no field 'weight_init'; did you mean 'kernel_initializer'?",
    "{block: conv, filters: 8, initializer: he_normal}": "body[0].initializer: conv has no field 'initializer'; did you mean 'kernel_initializer'?",
    "{block: conv, filters: 8, kernel_regularizer: l2}": "body[0].kernel_regularizer: conv has no field 'kernel_regularizer'; the penalty on kernels is `train: {l2: ...}`",
    "{block: conv, filters: 8, kernel_constraint: x}": "body[0].kernel_constraint: conv has no field 'kernel_constraint'; weights have no constraint; gradients are clipped by `train: {optimizer: {clipnorm: ...}}`",
    "{block: conv, filters: 8, data_format: channels_last}": "body[0].data_format: conv has no field 'data_format'; channels come last",
    "{block: conv, filters: 8, input_shape: [3, 3, 3]}": "body[0].input_shape: conv has no field 'input_shape'; leave it out: it follows from what the block is connected to",
    "{block: conv, filters: 8, dropout: 0.3}": "body[0].dropout: conv has no field 'dropout'; write {block: dropout, rate: 0.3} after the block",
    "{block: conv, filters: 8, id: a}": "body[0].id: conv has no field 'id'; did you mean 'name'?",
    "{block: conv, filters: 8, times: 2}": "body[0].times: conv has no field 'times'; did you mean 'repeat'?",
    "{block: conv, filters: 8, repeats: 2}": "body[0].repeats: conv has no field 'repeats'; did you mean 'repeat'?",
    "{block: conv, filters: 8, n: 2}": "body[0].n: conv has no field 'n'; did you mean 'repeat'?",
    "{block: conv, filters: 8, num: 2}": "body[0].num: conv has no field 'num'; did you mean 'repeat'?",
    "{block: conv, filters: 8, number: 2}": "body[0].number: conv has no field 'number'; did you mean 'repeat'?",
    "{block: conv, filters: 8, input: a}": "body[0].input: conv has no field 'input'; did you mean 'from'?",
    "{block: conv, filters: 8, inputs: [a]}": "body[0].inputs: conv has no field 'inputs'; did you mean 'from'?",
    "{block: conv, filters: 8, trainable: false}": "body[0].trainable: conv has no field 'trainable'; write `train: {finetune: {freeze: ...}}`",
    "{block: conv, filters: 8, pool: max}": "body[0].pool: conv has no field 'pool'; a convolution with its pool is the block conv_relu_pool",
    "{block: conv, filters: 8, if: true}": "body[0].if: conv has no field 'if'; did you mean 'when'?",
    "{block: dense, filters: 8}": "body[0].filters: dense has no field 'filters'; did you mean 'units'?",
    "{block: dense, out_features: 8}": "body[0].out_features: dense has no field 'out_features'; did you mean 'units'?",
    "{block: dense, in_features: 8, out_features: 8}": "body[0].in_features: dense has no field 'in_features'; leave it out: it follows from what the block is connected to",
    "{block: dense, neurons: 8}": "body[0].neurons: dense has no field 'neurons'; did you mean 'units'?",
    "{block: dense, size: 8}": "body[0].size: dense has no field 'size'; did you mean 'units'?",
    "{block: dense, output_dim: 8}": "body[0].output_dim: dense has no field 'output_dim'; did you mean 'units'?",
    "{block: dense, nodes: 8}": "body[0].nodes: dense has no field 'nodes'; did you mean 'units'?",
    "{block: dropout, p: 0.5}": "body[0].p: dropout has no field 'p'; did you mean 'rate'?",
    "{block: dropout, prob: 0.5}": "body[0].prob: dropout has no field 'prob'; did you mean 'rate'?",
    "{block: dropout, drop_rate: 0.5}": "body[0].drop_rate: dropout has no field 'drop_rate'; did you mean 'rate'?",
    "{block: dropout, dropout: 0.5}": "body[0].dropout: dropout has no field 'dropout'; did you mean 'rate'?",
    "{block: dropout, keep_prob: 0.5}": "body[0].keep_prob: dropout has no field 'keep_prob'; write `rate: ...`, the share that is dropped",
    "{block: max_pool, kernel_size: 2}": "body[0].kernel_size: max_pool has no field 'kernel_size'; did you mean 'pool_size'?",
    "{block: max_pool, size: 2}": "body[0].size: max_pool has no field 'size'; did you mean 'pool_size'?",
    "{block: max_pool, kernel: 2}": "body[0].kernel: max_pool has no field 'kernel'; did you mean 'pool_size'?",
    "{block: max_pool, stride: 2}": "body[0].stride: max_pool has no field 'stride'; did you mean 'strides'?",
    "{block: batch_norm, eps: 0.1}": "body[0].eps: batch_norm has no field 'eps'; did you mean 'epsilon'?",
    "{block: batch_norm, affine: true}": "body[0].affine: batch_norm has no field 'affine'; write `center: true, scale: true`",
    "{block: batch_norm, decay: 0.9}": "body[0].decay: batch_norm has no field 'decay'; did you mean 'momentum'?",
    "{block: leaky_relu, alpha: 0.1}": "body[0].block: no block is called 'leaky_relu'; write {block: activation, activation: leaky_relu}",
    "{block: relu, alpha: 0.1}": "body[0].alpha: relu has no field 'alpha'; did you mean 'negative_slope'?",
    "{block: relu, max: 6}": "body[0].max: relu has no field 'max'; did you mean 'max_value'?",
    "{block: up_sampling, scale_factor: 2}": "body[0].scale_factor: up_sampling has no field 'scale_factor'; did you mean 'size'?",
    "{block: up_sampling, scale: 2}": "body[0].scale: up_sampling has no field 'scale'; did you mean 'size'?",
    "{block: reshape, shape: [768]}": "body[0].shape: reshape has no field 'shape'; did you mean 'target_shape'?",
    "{block: zero_padding, pad: 1}": "body[0].pad: zero_padding has no field 'pad'; did you mean 'padding'?",
    "{block: bottleneck, planes: 8}": "body[0].planes: bottleneck has no field 'planes'; did you mean 'filters'?",
    "{block: inverted_residual, filters: 8, expand_ratio: 6}": "body[0].expand_ratio: inverted_residual has no field 'expand_ratio'; did you mean 'expansion'?",
    "{block: inverted_residual, filters: 8, t: 6}": "body[0].t: inverted_residual has no field 't'; did you mean 'expansion'?",
    "{block: inverted_residual, filters: 8, exp_ratio: 6}": "body[0].exp_ratio: inverted_residual has no field 'exp_ratio'; did you mean 'expansion'?",
    "{block: inverted_residual, filters: 8, use_se: true}": "body[0].use_se: inverted_residual has no field 'use_se'; write `squeeze_excite: {}`",
    "{block: dense_block, growth: 12, layers: 3}": "body[0].growth: dense_block has no field 'growth'; did you mean 'growth_rate'?",
    "{block: dense_block, growth_rate: 12, n_layers: 3}": "body[0].n_layers: dense_block has no field 'n_layers'; did you mean 'layers'?",
    "{block: dense_block, growth_rate: 12, num_layers: 3}": "body[0].num_layers: dense_block has no field 'num_layers'; did you mean 'layers'?",
    "{block: parallel, branches: [[conv1-8],[conv3-8]], mode: concat}": "body[0].mode: parallel has no field 'mode'; what joins the branches is `merge`",
    "{block: parallel, branches: [[conv1-8],[conv3-8]], merge: concatenate}": "body[0].merge: expected 'concat', 'add', 'multiply', 'average' or 'maximum', not 'concatenate'; did you mean 'concat'?",
    "{block: sequence, layers: [conv3-8]}": "body[0].layers: sequence has no field 'layers'; did you mean 'body'?",
    "{block: sequence, blocks: [conv3-8]}": "body[0].blocks: sequence has no field 'blocks'; did you mean 'body'?",
    "{block: residual, layers: [conv3-3]}": "body[0].layers: residual has no field 'layers'; did you mean 'body'?",
    "{block: parallel, paths: [[conv1-8]]}": "body[0].paths: parallel has no field 'paths'; did you mean 'branches'?",
    "{block: depthwise_conv, multiplier: 2}": "body[0].multiplier: depthwise_conv has no field 'multiplier'; did you mean 'depth_multiplier'?",
    "{block: activation, name: relu, function: relu}": "body[0].function: activation has no field 'function'; did you mean 'activation'?",
    "{block: activation, type: relu}": "body[0].type: activation has no field 'type'; write `activation: relu`",
    "{block: fire, squeeze: 8, expand1x1: 8, expand3x3: 8}": "body[0].expand1x1: fire has no field 'expand1x1'; did you mean 'expand'?",
    "{block: concat, axis: -1}": "body[0].axis: concat has no field 'axis'; the axis is the last, the channels",
    "{block: layer_norm, axis: -1}": "body[0].axis: layer_norm has no field 'axis'; the axis is the last, the channels",
    "{block: global_avg_pool, keepdim: true}": "body[0].keepdim: global_avg_pool has no field 'keepdim'; did you mean 'keepdims'?",
    "{block: conv_relu_pool, filters: 8, num_convs: 2}": "body[0].num_convs: conv_relu_pool has no field 'num_convs'; did you mean 'convs'?",
    "{block: conv_relu_pool, filters: 8, n: 2}": "body[0].n: conv_relu_pool has no field 'n'; did you mean 'convs'?",
    "{block: conv_relu_pool, filters: 8, batch_norm: true}": "body[0].batch_norm: conv_relu_pool has no field 'batch_norm'; write `norm: {}`",
    "{block: conv_relu_pool, filters: 8, norm: batch}": "body[0].norm: expected a mapping of keys to values, not 'batch'; write `norm: {kind: batch}`",
    "{block: conv_relu_pool, filters: 8, pool: average}": "body[0].pool: expected 'avg' or 'max' (or null), not 'average'; did you mean 'avg'?",
    "{block: conv_relu_pool, filters: 8, pool: maxpool}": "body[0].pool: expected 'avg' or 'max' (or null), not 'maxpool'; did you mean 'max'?",
    "{block: conv_relu_pool, filters: 8, pool: none}": "body[0].pool: expected 'avg' or 'max' (or null), not 'none'; write null",
    "{block: conv_relu_pool, filters: 8, pool_stride: 2}": "body[0].pool_stride: conv_relu_pool has no field 'pool_stride'; did you mean 'pool_strides'?",
    "{block: convnext_block, drop_path: 0.1}": "body[0].drop_path: convnext_block has no field 'drop_path'; did you mean 'drop_path_rate'?",
    "layers: [conv3-8]": "layers: a spec has no field 'layers'; did you mean 'body'?",
    "backbone: [conv3-8]": "backbone: a spec has no field 'backbone'; did you mean 'body'?",
    "model: [conv3-8]": "model: a spec has no field 'model'; did you mean 'body'?",
    "network: [conv3-8]": "network: a spec has no field 'network'; did you mean 'body'?",
    "architecture: [conv3-8]": "architecture: a spec has no field 'architecture'; did you mean 'body'?",
    "body: conv3-8": "body: expected a list of blocks; write [conv3-8]",
    "body: [{stage1: [conv3-8]}]": "body[0]: needs `block`, the name of a block; write {block: sequence, name: stage1, body: [conv3-8]}",
    "blocks: [conv3-8]": "blocks: a spec has no field 'blocks'; did you mean 'body'?",
    "stages: [conv3-8]": "stages: a spec has no field 'stages'; did you mean 'body'?",
    "features: [conv3-8]": "features: a spec has no field 'features'; did you mean 'body'?",
}  # fmt: skip
DOCUMENT = {
    "num_classes: 10": "num_classes: a spec has no field 'num_classes'; did you mean 'classes'?",
    "nc: 10": "nc: a spec has no field 'nc'; did you mean 'classes'?",
    "n_classes: 10": "n_classes: a spec has no field 'n_classes'; did you mean 'classes'?",
    "input_shape: [3, 3, 3]": "input_shape: a spec has no field 'input_shape'; did you mean 'input'?",
    "input_size: 224": "input_size: a spec has no field 'input_size'; write `input: [height, width, channels]`",
    "image_size: 224": "image_size: a spec has no field 'image_size'; write `input: [height, width, channels]`",
    "imgsz: 224": "imgsz: a spec has no field 'imgsz'; write `input: [height, width, channels]`",
    "in_chans: 3": "in_chans: a spec has no field 'in_chans'; the channels are the last number of `input`",
    "channels: 3": "channels: a spec has no field 'channels'; the channels are the last number of `input`",
    "layers: []": "layers: a spec has no field 'layers'; did you mean 'body'?",
    "backbone: []": "backbone: a spec has no field 'backbone'; did you mean 'body'?",
    "blocks: []": "blocks: a spec has no field 'blocks'; did you mean 'body'?",
    "loss: x": "loss: a spec has no field 'loss'; the loss is always the cross-entropy of the classes",
    "optimizer: adam": "optimizer: a spec has no field 'optimizer'; write `train: {optimizer: {name: adam}}`",
    "epochs: 3": "epochs: a spec has no field 'epochs'; write `train: {epochs: 3}`",
    "batch_size: 3": "batch_size: a spec has no field 'batch_size'; write `train: {batch_size: 3}`",
    "learning_rate: 0.1": "learning_rate: a spec has no field 'learning_rate'; write `train: {optimizer: {learning_rate: 0.1}}`",
    "lr: 0.1": "lr: a spec has no field 'lr'; write `train: {optimizer: {learning_rate: 0.1}}`",
    "data: digits": "data: a spec has no field 'data'; the data are an option of the command: `convspec train SPEC --data DATA`",
    "dataset: digits": "dataset: a spec has no field 'dataset'; the data are an option of the command: `convspec train SPEC --data DATA`",
    "training: {epochs: 3}": "training: a spec has no field 'training'; did you mean 'train'?",
    "search: {}": "search: a spec has no field 'search'; did you mean 'tune'?",
    "sweep: {}": "sweep: a spec has no field 'sweep'; did you mean 'tune'?",
    "hyperparameters: {}": "hyperparameters: a spec has no field 'hyperparameters'; did you mean 'parameters'?",
    "params: {}": "params: a spec has no field 'params'; did you mean 'parameters'?",
    "vars: {}": "vars: a spec has no field 'vars'; did you mean 'parameters'?",
    "variables: {}": "variables: a spec has no field 'variables'; did you mean 'parameters'?",
    "head: avg": "head: expected a head's fields or a list of blocks, not 'avg'; write {pooling: avg}",
    "head: {global_pool: avg}": "head.global_pool: head has no field 'global_pool'; did you mean 'pooling'?",
    "head: {pool: avg}": "head.pool: head has no field 'pool'; did you mean 'pooling'?",
    "head: {pooling: average}": "head.pooling: expected 'avg' or 'max' (or null), not 'average'; did you mean 'avg'?",
    "head: {pooling: gap}": "head.pooling: expected 'avg' or 'max' (or null), not 'gap'; did you mean 'avg'?",
    "head: {pooling: none}": "head.pooling: expected 'avg' or 'max' (or null), not 'none'; write null",
    "head: {pooling: GlobalAveragePooling2D}": "head.pooling: expected 'avg' or 'max' (or null), not 'GlobalAveragePooling2D'; did you mean 'avg'?",
    "head: {num_classes: 10}": "head.num_classes: head has no field 'num_classes'; the classes are `classes` at the top of the spec",
    "head: {drop_rate: 0.3}": "head.drop_rate: head has no field 'drop_rate'; did you mean 'dropout'?",
    "head: {units: 10}": "head.units: head has no field 'units'; the classes are `classes` at the top of the spec, layers before them `fc: [...]`",
    "head: {hidden: [128]}": "head.hidden: head has no field 'hidden'; did you mean 'fc'?",
    "head: {dense: [128]}": "head.dense: head has no field 'dense'; did you mean 'fc'?",
    "head: {fc: 128}": "head.fc: expected a list, not 128; write [128]",
    "head: {classifier: linear}": "head.classifier: head has no field 'classifier'; did you mean 'classifier_name'?",
    "head: {logits: true}": "head.logits: head has no field 'logits'; write `classifier_activation: null`",
    "head: {classifier_activation: none}": "head.classifier_activation: no activation is called 'none'; linear leaves values as they are",
    "head: false": "head: expected a head's fields or a list of blocks, not false; write null",
    "head: none": "head: expected a head's fields or a list of blocks, not 'none'; write null",
    "seed: 1": "seed: a spec has no field 'seed'; write `train: {seed: 1}` or `tune: {seed: 1}`",
    "include_top: false": "include_top: a spec has no field 'include_top'; write `head: null` for no head",
    "activation: relu": "activation: a spec has no field 'activation'; it is a field of a block: `body[0].activation`, or of all of a kind: `defaults.conv.activation`",
    "base: resnet50": "base: a spec has no field 'base'; did you mean 'extends'?",
    "inherit: resnet50": "inherit: a spec has no field 'inherit'; did you mean 'extends'?",
    "defaults: {Conv2D: {activation: relu}}": "defaults.Conv2D: no block is called 'Conv2D'; did you mean 'conv'?",
    "defaults: {conv: {kernel: 3}}": "defaults.conv.kernel: conv has no field 'kernel'; did you mean 'kernel_size'?",
    "tuning: {}": "tuning: a spec has no field 'tuning'; did you mean 'tune'?",
    "preprocessing: {}": "preprocessing: a spec has no field 'preprocessing'; write `train: {preprocessing: {}}`",
    "augmentation: {}": "augmentation: a spec has no field 'augmentation'; write `train: {augmentation: {}}`",
    "templates: {a: {params: {}, body: [conv3-8]}}": "templates.a: a template has no key 'params'; did you mean 'parameters'?",
    "input: 224": "input: expected [height, width, channels], height and width null where open, not 224; write [224, 224, channels]",
    "input: [224, 224]": "input: expected [height, width, channels], height and width null where open, not [224, 224]; write [224, 224, channels]",
    "input: 32x32x3": "input: expected [height, width, channels], height and width null where open, not '32x32x3'; write [32, 32, 3]",
    "input: [null, 224, 224, 3]": "input: expected [height, width, channels], height and width null where open, not [null, 224, 224, 3]; write [224, 224, 3]",
    "input: (32, 32, 3)": "input: expected [height, width, channels], height and width null where open, not '(32, 32, 3)'; write [32, 32, 3]",
}  # fmt: skip
RANGES = {
    "{loguniform: [0.1, 1.0]}": "loguniform: has no field 'loguniform'; did you mean 'log_uniform'?",
    "{choice: 1, 2}": "2: has no field '2'; a list is written in brackets: [1, 2]",
    "{choices: [1, 2]}": "choices: has no field 'choices'; did you mean 'choice'?",
    "{values: [1, 2]}": "values: has no field 'values'; did you mean 'choice'?",
    "{value: 3}": "value: has no field 'value'; leave the field out of the space: it keeps the value that the document gives it",
    "{categorical: [1, 2]}": "categorical: has no field 'categorical'; did you mean 'choice'?",
    "{grid: [1, 2]}": "grid: has no field 'grid'; did you mean 'choice'?",
    "{grid_search: [1, 2]}": "grid_search: has no field 'grid_search'; did you mean 'choice'?",
    "{options: [1, 2]}": "options: has no field 'options'; did you mean 'choice'?",
    "{randint: [1, 5]}": "randint: has no field 'randint'; did you mean 'int'?",
    "{lograndint: [1, 5]}": "lograndint: has no field 'lograndint'; did you mean 'log_int'?",
    "{quniform: [1, 5, 1]}": "quniform: has no field 'quniform'; a range has no steps; list its values in `choice: [...]`",
    "{qrandint: [1, 5, 1]}": "qrandint: has no field 'qrandint'; a range has no steps; list its values in `choice: [...]`",
    "{qloguniform: [1, 5, 1]}": "qloguniform: has no field 'qloguniform'; a range has no steps; list its values in `choice: [...]`",
    "{randn: [0, 1]}": "randn: has no field 'randn'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{normal: [0, 1]}": "normal: has no field 'normal'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{float: [0.1, 1.0]}": "float: has no field 'float'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{Float: [0.1, 1.0]}": "Float: has no field 'Float'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{integer: [1, 5]}": "integer: has no field 'integer'; did you mean 'int'?",
    "{Int: [1, 5]}": "Int: has no field 'Int'; did you mean 'int'?",
    "{Choice: [1, 5]}": "Choice: has no field 'Choice'; did you mean 'choice'?",
    "{Boolean: true}": "Boolean: has no field 'Boolean'; did you mean 'boolean'?",
    "{bool: true}": "bool: has no field 'bool'; did you mean 'boolean'?",
    "{fixed: 3}": "fixed: has no field 'fixed'; leave the field out of the space: it keeps the value that the document gives it",
    "{min: 0.1, max: 1.0}": "min: has no field 'min'; write {uniform: [0.1, 1.0]}",
    "{low: 0.1, high: 1.0}": "low: has no field 'low'; write {uniform: [0.1, 1.0]}",
    "{lower: 0.1, upper: 1.0}": "lower: has no field 'lower'; write {uniform: [0.1, 1.0]}",
    "{min_value: 0.1, max_value: 1.0, sampling: log}": "min_value: has no field 'min_value'; write {log_uniform: [0.1, 1.0]}",
    "{min_value: 0.1, max_value: 1.0, step: 2}": "min_value: has no field 'min_value'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{distribution: log_uniform_values, min: 0.1, max: 1.0}": "distribution: has no field 'distribution'; write {log_uniform: [0.1, 1.0]}",
    "{distribution: uniform, min: 0.1, max: 1.0}": "distribution: has no field 'distribution'; write {uniform: [0.1, 1.0]}",
    "{type: float, low: 0.1, high: 1.0, log: true}": "type: has no field 'type'; write {log_uniform: [0.1, 1.0]}",
    "{type: loguniform, min: 0.1, max: 1.0}": "type: has no field 'type'; write {log_uniform: [0.1, 1.0]}",
    "{type: choice, values: [1, 2]}": "type: has no field 'type'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{suggest_float: [0.1, 1.0]}": "suggest_float: has no field 'suggest_float'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{suggest_categorical: [1, 2]}": "suggest_categorical: has no field 'suggest_categorical'; did you mean 'choice'?",
    "{log_uniform_values: [0.1, 1.0]}": "log_uniform_values: has no field 'log_uniform_values'; did you mean 'log_uniform'?",
    "{int_uniform: [1, 5]}": "int_uniform: has no field 'int_uniform'; did you mean 'int'?",
    "{q_uniform: [0.1, 1.0]}": "q_uniform: has no field 'q_uniform'; a range has no steps; list its values in `choice: [...]`",
    "{linear: [0.1, 1.0]}": "linear: has no field 'linear'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{range: [0.1, 1.0]}": "range: has no field 'range'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{hp.choice: [1, 2]}": "hp.choice: has no field 'hp.choice'; did you mean 'choice'?",
    "{hp.loguniform: [1, 2]}": "hp.loguniform: has no field 'hp.loguniform'; did you mean 'log_uniform'?",
    "{uniform: {min: 0.1, max: 1.0}}": "uniform: expected a list, not {'min': 0.1, 'max': 1.0}; write [0.1, 1.0]",
    "{log_uniform: {low: 0.1, high: 1.0}}": "log_uniform: expected a list, not {'low': 0.1, 'high': 1.0}; write [0.1, 1.0]",
    "{uniform: [0.1, 1.0], log: true}": "log: has no field 'log'; write {log_uniform: [0.1, 1.0]}",
    "{uniform: [0.1, 1.0], scale: log}": "scale: has no field 'scale'; write {log_uniform: [0.1, 1.0]}",
    "{uniform: [0.1, 1.0], step: 0.1}": "step: has no field 'step'; a range has no steps; list its values in `choice: [...]`",
    "{int: [1, 5], step: 2}": "step: has no field 'step'; a range has no steps; list its values in `choice: [...]`",
    "{choice: [1, 2], condition: {}}": "condition: has no field 'condition'; did you mean 'when'?",
    "{choice: [1, 2], if: {}}": "if: has no field 'if'; did you mean 'when'?",
    "{choice: [1, 2], parent: x}": "parent: has no field 'parent'; did you mean 'when'?",
    "{choice: [1, 2], default: 1}": "default: has no field 'default'; the value in the document is the default",
    "{default: 1, choice: [1, 2]}": "default: has no field 'default'; the value in the document is the default",
    "[0.1, 1.0]": ": expected a mapping of keys to values, not [0.1, 1.0]; write {uniform: [0.1, 1.0]} or {choice: [0.1, 1.0]}",
    "{int_range: [1, 5]}": "int_range: has no field 'int_range'; did you mean 'int'?",
    "{discrete: [1, 5]}": "discrete: has no field 'discrete'; did you mean 'choice'?",
    "{sampling: log}": "sampling: has no field 'sampling'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{log_float: [1, 5]}": "log_float: has no field 'log_float'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{real: [1.0, 5.0]}": "real: has no field 'real'; a range is uniform or log_uniform, of whole numbers int or log_int",
    "{uniform_int: [1, 5]}": "uniform_int: has no field 'uniform_int'; did you mean 'int'?",
}  # fmt: skip
PATHS = {
    "learning_rate": "a spec has no field 'learning_rate'; did you mean 'train.optimizer.learning_rate'?",
    "lr": "a spec has no field 'lr'; did you mean 'train.optimizer.learning_rate'?",
    "optimizer": "a spec has no field 'optimizer'; did you mean 'train.optimizer'?",
    "optimizer.learning_rate": "there is no optimizer; did you mean 'train.optimizer.learning_rate'?",
    "train.learning_rate": "`train` has no field 'learning_rate'; did you mean 'train.optimizer.learning_rate'?",
    "train.lr": "`train` has no field 'lr'; did you mean 'train.optimizer.learning_rate'?",
    "train.optimizer.lr": "`optimizer` has no field 'lr'; did you mean 'learning_rate'?",
    "batch_size": "a spec has no field 'batch_size'; did you mean 'train.batch_size'?",
    "epochs": "a spec has no field 'epochs'; did you mean 'train.epochs'?",
    "dropout": "a spec has no field 'dropout'; did you mean 'head.dropout'?",
    "head.drop": "head has no field 'drop'; did you mean 'dropout'?",
    "filters": "a spec has no field 'filters'; it is a field of a block: `body[0].filters`, or of all of a kind: `defaults.conv.filters`",
    "body[0].filters": "body[0] is 'conv3-8' and has nothing inside || write this block as a mapping in the document: {block: conv, filters: 8, kernel_size: [3, 3], strides: 1}",
    "body[1].kernel": "conv has no field 'kernel'; did you mean 'kernel_size'?",
    "body[1].stride": "conv has no field 'stride'; did you mean 'strides'?",
    "body.1.filters": "body is no mapping and has no field '1'; write body[1]",
    "weight_decay": "a spec has no field 'weight_decay'; did you mean 'train.optimizer.weight_decay'?",
    "l2": "a spec has no field 'l2'; did you mean 'train.l2'?",
    "momentum": "a spec has no field 'momentum'; did you mean 'train.optimizer.momentum'?",
    "train.batch": "`train` has no field 'batch'; did you mean 'batch_size'?",
    "train.optim.learning_rate": "there is no train.optim; did you mean 'optimizer'?",
    "head.dropout_rate": "head has no field 'dropout_rate'; did you mean 'dropout'?",
    "augmentation.flip": "there is no augmentation; did you mean 'train.augmentation.flip'?",
    "train.augment.flip": "there is no train.augment; did you mean 'augmentation'?",
    "kernel_size": "a spec has no field 'kernel_size'; it is a field of a block: `body[0].kernel_size`, or of all of a kind: `defaults.conv.kernel_size`",
    "seed": "a spec has no field 'seed'; did you mean 'train.seed' or 'tune.seed'?",
    "activation": "a spec has no field 'activation'; it is a field of a block: `body[0].activation`, or of all of a kind: `defaults.conv.activation`",
    "train.schedule.warmup_epochs": "`schedule` has no field 'warmup_epochs'; did you mean 'warmup'?",
}  # fmt: skip
TUNE = {
    "max_trials: 10": "tune.max_trials: `tune` has no field 'max_trials'; write `stages: [{trials: 10, epochs: ...}]`",
    "trials: 10": "tune.trials: `tune` has no field 'trials'; write `stages: [{trials: 10, epochs: ...}]`",
    "n_trials: 10": "tune.n_trials: `tune` has no field 'n_trials'; write `stages: [{trials: 10, epochs: ...}]`",
    "num_samples: 10": "tune.num_samples: `tune` has no field 'num_samples'; write `stages: [{trials: 10, epochs: ...}]`",
    "epochs: 10": "tune.epochs: `tune` has no field 'epochs'; write `stages: [{trials: ..., epochs: 10}]`",
    "method: bayes": "tune.method: `tune` has no field 'method'; did you mean 'strategy'?",
    "algorithm: random": "tune.algorithm: `tune` has no field 'algorithm'; did you mean 'strategy'?",
    "tuner: random": "tune.tuner: `tune` has no field 'tuner'; did you mean 'strategy'?",
    "metric: val_accuracy": "tune.metric: `tune` has no field 'metric'; did you mean 'objective'?",
    "metric: {name: x, goal: maximize}": "tune.metric: `tune` has no field 'metric'; did you mean 'objective'?",
    "mode: max": "tune.mode: `tune` has no field 'mode'; write `objective: ...`, a metric, whose direction is known",
    "direction: maximize": "tune.direction: `tune` has no field 'direction'; write `objective: ...`, a metric, whose direction is known",
    "goal: maximize": "tune.goal: `tune` has no field 'goal'; write `objective: ...`, a metric, whose direction is known",
    "objective: {name: val_loss, goal: minimize}": "tune.objective.goal: `objective` has no field 'goal'; write `direction: max` or min",
    "objective: {name: val_loss, direction: minimize}": "tune.objective.direction: expected 'max' or 'min' (or null), not 'minimize'; did you mean 'min'?",
    "objective: {metric: val_loss}": "tune.objective.metric: `objective` has no field 'metric'; write `name: val_loss`",
    "objective: f1": "tune.objective: no metric is called 'f1'; there are val_accuracy, val_loss, val_crossentropy, accuracy, loss",
    "strategy: bayes": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'bayes'; did you mean 'bayesian'?",
    "strategy: RandomSearch": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'RandomSearch'; did you mean 'random'?",
    "strategy: BayesianOptimization": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'BayesianOptimization'; did you mean 'bayesian'?",
    "strategy: grid_search": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'grid_search'; did you mean 'grid'?",
    "strategy: random_search": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'random_search'; did you mean 'random'?",
    "strategy: coarse_to_fine": "tune.strategy: expected 'staged', 'random', 'grid', 'hyperband' or 'bayesian', not 'coarse_to_fine'; did you mean 'staged'?",
    "stages: [{n_trials: 3, epochs: 3}]": "tune.stages[0].n_trials: a stage has no field 'n_trials'; did you mean 'trials'?",
    "stages: [{trials: 3, epoch: 3}]": "tune.stages[0].epoch: a stage has no field 'epoch'; did you mean 'epochs'?",
    "stages: {trials: 3, epochs: 3}": "tune.stages: expected a list, not {'trials': 3, 'epochs': 3}; write [{trials: 3, epochs: 3}]",
    "pruning: true": "tune.pruning: expected a mapping of keys to values, not true; write `pruning: {}`",
    "pruner: median": "tune.pruner: `tune` has no field 'pruner'; did you mean 'pruning'?",
    "early_terminate: {type: hyperband}": "tune.early_terminate: `tune` has no field 'early_terminate'; did you mean 'pruning'?",
    "pruning: {n_startup_trials: 5}": "tune.pruning.n_startup_trials: `pruning` has no field 'n_startup_trials'; did you mean 'startup'?",
    "pruning: {warmup: 5}": "tune.pruning.warmup: `pruning` has no field 'warmup'; did you mean 'after'?",
    "cv: 5": "tune.cv: `tune` has no field 'cv'; did you mean 'folds'?",
    "k_fold: 5": "tune.k_fold: `tune` has no field 'k_fold'; did you mean 'folds'?",
    "kfold: 5": "tune.kfold: `tune` has no field 'kfold'; did you mean 'folds'?",
    "executions_per_trial: 5": "tune.executions_per_trial: `tune` has no field 'executions_per_trial'; did you mean 'runs'?",
    'constraints: {params: "< 1e6"}': "tune.constraints.params: expected 'parameters', 'macs', 'memory', 'receptive_field', 'depth' or 'latency', not 'params'; did you mean 'parameters'?",
    "constraints: {parameters: 1000000}": "tune.constraints.parameters: 1000000 is no limit; write '<= 1000000'",
    "constraint: {}": "tune.constraint: `tune` has no field 'constraint'; did you mean 'constraints'?",
    "max_epochs: 3": "tune.max_epochs: `tune` has no field 'max_epochs'; write `stages: [{trials: ..., epochs: 3}]`",
    "random_state: 3": "tune.random_state: `tune` has no field 'random_state'; did you mean 'seed'?",
    "sampler: tpe": "tune.sampler: `tune` has no field 'sampler'; did you mean 'strategy'?",
    "n_jobs: 3": "tune.n_jobs: `tune` has no field 'n_jobs'; processes are an option of the command: `convspec tune --workers N`",
}  # fmt: skip

MORE = {
    "{add: [a, b]}": "body[0]: needs `block`, the name of a block; write {block: add, from: [a, b]}",
    "{residual: [conv3-3]}": "body[0]: needs `block`, the name of a block; write {block: residual, body: [conv3-3]}",
    "{conv2d: [8, 3]}": "body[0]: needs `block`, the name of a block; write {block: conv, filters: ...}",
    "{lrn: 5}": "body[0]: needs `block`, the name of a block; write {block: lrn, ...}",
    "{name: a, conv: 3, filters: 8}": "body[0]: needs `block`, the name of a block; write {block: conv, kernel_size: 3, name: a, filters: 8}",
    "{bottleneck: {planes: 64}}": "body[0]: needs `block`, the name of a block; write {block: bottleneck, filters: 64}",
    "{block: conv, filters: 8, args: {strides: 2}}": "body[0].args: conv has no field 'args'; its fields are written beside `block`",
}  # fmt: skip
"""Blocks whose name is a key, with a value that means one of their fields, or none."""

NOTHING = {
    "train": "{metrics: [accuracy]} {validation_data: x} {shuffle: true} {steps_per_epoch: 10} {verbose: 1} {device: cuda} "
    "{foo: 1} {checkpoint: x} {optimizer: {alpha: 0.9}} {optimizer: {dampening: 0.0}} {augmentation: {hsv_h: 0.1}}",
    "body": "{block: conv, filters: 8, width: 8} {block: conv, filters: 8, depth: 8} {block: conv, filters: 8, c: 8} "
    "{block: max_pool, ceil_mode: true} {block: relu, inplace: true} {block: up_sampling, interpolation: bilinear} "
    "{block: transition, theta: 0.5} {block: conv, filters: 8, wombat: 2} {wombat: 3} {pool: 2} {block: dense, units: 3, dtype: x}",
    "document": "{model: x} {neck: []} {version: 1} {author: me} {anchors: []} {depth_multiple: 0.3} {title: x} {factor: 3} "
    "{period: 3} {name_of_it: 3}",
    "tune": "{factor: 3} {budget: 3} {timeout: 3} {wombat: 3}",
}  # fmt: skip
"""What may mean several things, or nothing here: no suggestion, rather than a wrong one."""


def errors(text: str) -> list[str]:
    """The errors of a file, without the places of its lines and without those of fields that are missing."""
    with pytest.raises(InputError) as caught:
        load(Text("x.yaml", text))
    found = [f"{one.path}: {one.message}{f' || {one.remedy}' * bool(one.remedy)}" for one in caught.value.diagnostics]
    return [line for line in found if not re.search(r" needs `\w+`: ", line)]


def in_train(snippet: str) -> str:
    return f"{HEAD}body: [conv3-8]\ntrain: {snippet}\n"


def in_body(snippet: str) -> str:
    return f"{HEAD}{snippet}\n" if re.match(r"\w+: ", snippet) else f"{HEAD}body: [{snippet}]\n"


def in_document(snippet: str) -> str:
    start = HEAD.replace("input: [16, 16, 3]\n", "") if snippet.startswith("input: ") else HEAD
    return f"{start}body: [conv3-8]\n{snippet}\n"


def in_space(snippet: str, path: str = "train.optimizer.learning_rate") -> str:
    return f'{HEAD}{ONE_BLOCK}tune: {{space: {{"{path}": {snippet}}}}}\n'


def in_tune(snippet: str) -> str:
    return f"{HEAD}{ONE_BLOCK}tune: {{space: {SPACE}, {snippet}}}\n"


@pytest.mark.parametrize(("snippet", "line"), TRAIN.items())
def test_train(snippet: str, line: str) -> None:
    assert line in errors(in_train(snippet))


@pytest.mark.parametrize(("snippet", "line"), (BODY | MORE).items())
def test_blocks(snippet: str, line: str) -> None:
    assert line in errors(in_body(snippet))


@pytest.mark.parametrize(("snippet", "line"), DOCUMENT.items())
def test_the_document(snippet: str, line: str) -> None:
    assert line in errors(in_document(snippet))


@pytest.mark.parametrize(("snippet", "line"), RANGES.items())
def test_ranges(snippet: str, line: str) -> None:
    found = [error.removeprefix("tune.space.train.optimizer.learning_rate") for error in errors(in_space(snippet))]
    assert line in [error.removeprefix(".").replace("a field of the space ", "") for error in found]


@pytest.mark.parametrize(("path", "line"), PATHS.items())
def test_paths_of_a_space(path: str, line: str) -> None:
    (found,) = errors(in_space("{choice: [1, 2]}", path))
    assert found == f"tune.space.{path}: no value of the range gives a network; at 1: {line}"


@pytest.mark.parametrize(("snippet", "line"), TUNE.items())
def test_tune(snippet: str, line: str) -> None:
    assert line in errors(in_tune(snippet))


@pytest.mark.parametrize("name", ["parameters", "params", "search_space", "param_space", "config", "hyperparameters"])
def test_the_space_by_other_names(name: str) -> None:
    text = f"{HEAD}{ONE_BLOCK}tune: {{{name}: {SPACE}}}\n"
    assert errors(text) == [f"tune.{name}: `tune` has no field {name!r}; did you mean 'space'?"]


@pytest.mark.parametrize("where", NOTHING)
def test_nothing_is_suggested_where_it_is_not_clear(where: str) -> None:
    write = {"train": in_train, "body": in_body, "document": in_document, "tune": in_tune}[where]
    for snippet in re.findall(r"\{(?:[^{}]|\{[^{}]*\})*\}", NOTHING[where]):
        lines = errors(write(snippet[1:-1] if where in ("document", "tune") else snippet))
        assert not re.search(r"; |\|\|", " ".join(lines)), lines


def written(table: dict[str, str], form: str) -> list[str]:
    """What the messages of a table say to write, where that is complete."""
    found = [match[1] for line in table.values() if (match := re.search(rf"; write {form}$", line))]
    return [text for text in found if "..." not in text and "} or {" not in text]


def remedies() -> Iterator[str]:
    direct = {snippet: line for snippet, line in TRAIN.items() if re.match(r"train\.\w+: ", line)}
    yield from (in_train(f"{{{text}}}") for text in written(direct, "`([^`]*)`"))
    yield from (in_body(text) for text in written(BODY, r"(\{block: .*\})"))
    yield from (in_space(text) for text in written(RANGES, r"(\{.*\})"))
    sections = {snippet: line for snippet, line in DOCUMENT.items() if re.match(r"\w+: ", line)}
    yield from (in_document(text) for text in written(sections, "`([^`]*)`") if "[height" not in text)
    yield from (in_document(f"head: {text}") for text in written(DOCUMENT, r"(\{pooling: .*\})"))
    yield from (in_document(f"input: {text}") for text in written(DOCUMENT, r"(\[\d+, \d+, \d+\])"))


@pytest.mark.parametrize("text", list(remedies()))
def test_what_a_message_says_to_write_is_accepted(text: str) -> None:
    load(Text("x.yaml", text))


def test_enough_remedies_are_complete() -> None:
    assert len(list(remedies())) > 40


def models() -> set[type[BaseModel]]:
    """Every section and every block."""
    found: set[type[BaseModel]] = {Document}
    waiting: list[type[BaseModel]] = [Recipe, Tune, *filter(None, map(find_block_class, BLOCKS))]
    while waiting:
        model = waiting.pop()
        if model not in found and model.__name__ != "Block":
            found.add(model)
            waiting += [inner for field in model.model_fields.values() for inner in models_in(field.annotation)]
    return found


def test_the_tables_name_fields_sections_and_blocks_that_there_are() -> None:
    names = {name for model in models() for name in written_fields(model)} | {"repeat", "when"}
    assert set(FIELDS) <= names
    assert set(INSTEAD) <= {model.__name__ for model in models()} | set(BLOCKS) | {"Block", "with norm"}


def test_a_word_leads_to_no_field_but_those_that_it_means() -> None:
    """In any section or block, a word of the table is answered with a field that it stands for, or with a sentence."""
    for model in models():
        for word in {word for words in FIELDS.values() for word in words.split()} - set(written_fields(model)):
            answer = field_meant(word, model, {word: 1}, f"body[0].{word}", by_path=False)
            if match := re.fullmatch(r"; did you mean '(\w+)'\?", answer):
                spelled = re.sub(r"\W|_", "", word.lower())
                means = [re.sub(r"\W|_", "", name.lower()) for name in (match[1], *FIELDS.get(match[1], "").split())]
                assert spelled in means, (model, word, answer)


@pytest.mark.parametrize(
    ("path", "meant"),
    {
        "learning_rate": "a spec has no field 'learning_rate'; did you mean 'train.optimizer.learning_rate'?",
        "optimizer.learning_rate": "there is no optimizer; did you mean 'train.optimizer.learning_rate'?",
        "epochs": "a spec has no field 'epochs'; did you mean 'train.epochs'?",
        "body.0.filters": "body is no mapping and has no field '0'; write body[0]",
    }.items(),
)
def test_fields_set_by_their_paths(path: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        load(Text("x.yaml", HEAD + ONE_BLOCK), overrides={path: 1})
    assert caught.value.diagnostics[0].message == meant


def test_a_section_by_its_name_alone_where_paths_are_set() -> None:
    text = f"{HEAD}{ONE_BLOCK}tune: {{space: {{train.optimizer: {{choice: [adam, sgd]}}}}}}\n"
    assert errors(text) == [
        "tune.space.train.optimizer: no value of the range gives a network; at 'adam': expected a mapping of keys to "
        "values, not 'adam'; did you mean 'train.optimizer.name'?"
    ]


def test_a_long_value_is_not_written_out() -> None:
    for value in ("x" * 10_000, list(range(10_000)), 10**4000, [[[[[1]]]]]):
        spec = {"name": "x", "input": [8, 8, 1], "body": ["conv3-8"], "epochs": value}
        with pytest.raises(InputError) as caught:
            load(spec)
        assert len(caught.value.diagnostics[0].message) < 120
    assert errors(in_document(f"epochs: [{', '.join(['1'] * 200)}]")) == [
        "epochs: a spec has no field 'epochs'; did you mean 'train.epochs'?"
    ]
