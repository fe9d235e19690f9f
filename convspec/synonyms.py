"""Names of fields and values in Keras, PyTorch, timm, Ultralytics, KerasTuner, Ray Tune, Optuna and W&B.

They are never accepted, only answered with what to write. A word that means several things here has no entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .suggestions import spelled

FIELDS = {
    "activation": "act act_layer act_fn nonlinearity activation_function function",
    "after": "n_warmup_steps grace_period warmup",
    "at": "milestones decay_milestones boundaries",
    "augmentation": "augment augmentations aug transforms data_augmentation",
    "batch_size": "bs batch minibatch mini_batch_size train_batch_size",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "body": "layers blocks backbone features stages model network net architecture arch",
    "branches": "paths towers",
    "choice": "choices values categorical grid grid_search options discrete suggest_categorical hp.choice",
    "classes": "num_classes nc n_classes nb_classes num_labels",
    "class_weights": "class_weight",
    "convs": "num_convs n_convs n",
    "boolean": "bool",
    "crop": "random_crop",
    "depth_multiplier": "channel_multiplier",
    "dilation_rate": "dilation d",
    "drop_path_rate": "drop_path",
    "dropout": "drop_rate drop_prob dropout_rate",
    "early_stopping": "early_stop",
    "ema": "ema_decay model_ema_decay ema_momentum",
    "epochs": "epoch num_epochs n_epochs nb_epoch max_epochs",
    "epsilon": "eps",
    "every": "step_size decay_epochs",
    "expansion": "expand_ratio exp_ratio expansion_factor expansion_ratio t",
    "extends": "base inherit inherits",
    "factor": "gamma decay_rate",
    "fc": "hidden hidden_units fc_units dense dense_units",
    "filters": "out_channels output_channels channels num_filters n_filters nb_filter nb_filters filter out_planes "
    "planes out_chs features units num_output c_out",
    "folds": "cv k_fold n_splits num_folds n_folds",
    "from": "input inputs bottom",
    "global_clipnorm": "clip_grad grad_clip grad_clip_norm gradient_clip_val clip_grad_norm max_grad_norm",
    "groups": "group g cardinality",
    "growth": "T_mult t_mul",
    "growth_rate": "k growth",
    "init_values": "init_value",
    "input": "input_shape image_shape inputs",
    "int": "randint integer int_uniform uniform_int suggest_int hp.randint int_range",
    "kernel_initializer": "init initializer weight_init kernel_init",
    "kernel_size": "k kernel ksize filter_size size",
    "l2": "l2_reg l2_penalty l2_regularization",
    "label_smoothing": "smoothing",
    "layers": "n_layers num_layers nb_layers",
    "learning_rate": "lr base_lr lr0 init_lr initial_lr",
    "log_int": "lograndint",
    "log_uniform": "loguniform log_uniform_values suggest_loguniform hp.loguniform",
    "magnitude": "m",
    "max_value": "max",
    "minimum": "lrf",
    "minimum_change": "min_delta",
    "mixup": "mixup_alpha",
    "cutmix": "cutmix_alpha",
    "momentum": "decay",
    "monitor": "metric",
    "name": "id label layer_name",
    "negative_slope": "alpha slope",
    "objective": "metric",
    "operations": "n num_ops",
    "optimizer": "opt optim optimiser",
    "padding": "p pad pads",
    "parameters": "params vars variables hyperparameters",
    "period": "T_0 t_initial",
    "pool_size": "k kernel kernel_size ksize window size",
    "pooling": "global_pool pool pool_type",
    "preprocessing": "preprocess",
    "pruning": "pruner early_terminate",
    "rate": "p prob dropout drop_rate dropout_rate drop_prob",
    "ratio": "reduction reduction_ratio",
    "repeat": "repeats times n num number count num_blocks",
    "restore_best": "restore_best_weights",
    "rotation": "degrees rotation_range",
    "runs": "executions_per_trial",
    "schedule": "sched scheduler lr_scheduler lr_schedule",
    "seed": "random_seed random_state",
    "size": "scale_factor scale",
    "space": "parameters params search_space param_space hyperparameters config",
    "startup": "n_startup_trials",
    "strategy": "method algorithm tuner sampler search_alg",
    "strides": "s subsample",
    "target_shape": "shape",
    "train": "training trainer",
    "translation": "translate",
    "trials": "n_trials num_trials max_trials num_samples",
    "tune": "tuning search sweep",
    "uniform": "suggest_uniform hp.uniform",
    "units": "out_features neurons nodes output_dim num_output size filters features",
    "use_bias": "bias",
    "validation_split": "val_split",
    "warmup": "warmup_epochs",
    "weight_decay": "wd",
    "weights": "checkpoint pretrained",
    "when": "if condition conditions parent",
}
"""field -> what others call it. Of two fields with one name elsewhere, the first that a model has is meant."""

_RANGE = "a range is uniform or log_uniform, of whole numbers int or log_int"
_STEPS = "a range has no steps; list its values in `choice: [...]`"
_OMIT = "leave it out: it follows from what the block is connected to"
_CLIPPING = "weights have no constraint; gradients are clipped by `train: {optimizer: {clipnorm: ...}}`"
_PENALTY = "the penalty on kernels is `train: {l2: ...}`"

INSTEAD = {
    "Document": {
        "write `input: [height, width, channels]`": "input_size image_size img_size imgsz",
        "the channels are the last number of `input`": "channels in_channels in_chans num_channels",
        "the data are an option of the command: `convspec train SPEC --data DATA`": "data dataset",
        "it is a field of a block: `body[0].NAME`, or of all of a kind: `defaults.conv.NAME`": "activation filters "
        "kernel_initializer kernel_size padding strides units use_bias",
        "write `head: null` for no head": "include_top",
        "the loss is always the cross-entropy of the classes": "loss",
    },
    "Recipe": {
        "write `optimizer: {name: sgd, momentum: VALUE}`": "momentum",
        "write `early_stopping: {patience: VALUE}` or `schedule: {name: plateau, patience: VALUE}`": "patience",
        "the loss is always the cross-entropy of the classes; label_smoothing and class_weights change it":
        "loss criterion loss_fn",
        "write `finetune: {weights: imagenet}`": "pretrained weights",
        "write `finetune: {weights: ..., freeze: ...}`": "freeze",
        "write `mixed_precision: float16`": "amp fp16",
        "write `mixed_precision: bfloat16`": "bf16",
        "write `mixed_precision: float16` or bfloat16": "precision",
        "the penalty on kernels is `l2: ...`": "l1 kernel_regularizer regularizer",
        "write `head: {dropout: VALUE}`, or {block: dropout, rate: VALUE} in the body": "dropout",
        "`ema` is the decay: write `ema: 0.999`": "model_ema use_ema",
        "write `early_stopping: {}`, `schedule: {...}` or `ema: ...`; others are arguments in Python": "callbacks",
        "": "shuffle validation_data metrics verbose",
    },
    "Optimizer": {
        "write `name: VALUE`": "type class_name kind",
        "its fields are written beside `name`": "config",
        "write `beta_1: ..., beta_2: ...`": "betas",
        "the learning rate falls by `train: {schedule: ...}`; the decay of weights is weight_decay": "decay lr_decay",
        "": "alpha dampening",
    },
    "Schedule": {
        "write `name: VALUE`": "type class_name kind",
        "write `minimum: ...`, a fraction of the optimizer's learning rate": "min_lr eta_min lr_min",
        "all times are epochs: write `period: ...`": "first_decay_steps",
        "all times are epochs: write `every: ...`": "decay_steps",
        "all times are epochs: write `warmup: ...`": "warmup_steps",
    },
    "EarlyStopping": {"whether more or less is better is known from `monitor`": "mode"},
    "Augmentation": {
        "write `flip: horizontal`": "hflip horizontal_flip random_horizontal_flip fliplr",
        "write `flip: vertical`": "vflip vertical_flip random_vertical_flip flipud",
        "write `translation: ...`, a fraction of the side for both axes": "width_shift_range height_shift_range",
        "write `zoom: ...`, the largest change": "scale",
        "write `brightness: ..., contrast: ..., saturation: ...`": "color_jitter",
        "the nearest is `cutout: ...`, the side of a square in pixels": "random_erasing erasing",
        "write `rand_augment: {}`": "auto_augment",
    },
    "Preprocessing": {
        "means and deviations come from the training images: `subtract_mean: channel, standardize: true`":
        "mean std normalize normalization",
        "": "scale",
    },
    "Tune": {
        "write `stages: [{trials: VALUE, epochs: ...}]`": "trials n_trials num_trials max_trials num_samples",
        "write `stages: [{trials: ..., epochs: VALUE}]`": "epochs max_epochs",
        "write `objective: ...`, a metric, whose direction is known": "mode direction goal",
        "processes are an option of the command: `convspec tune --workers N`": "n_jobs workers",
    },
    "Gate": {"write `ratio: ...`, how many times fewer channels: 4 for a fourth": "se_ratio rd_ratio"},
    "Norm": {"write `kind: VALUE`": "type name"},
    "Objective": {"whether more or less is better is known from `name`": "goal mode", "write `name: VALUE`": "metric"},
    "Distribution": {
        _STEPS: "step q quniform qrandint qloguniform q_uniform suggest_discrete_uniform",
        _RANGE: "normal randn lognormal float real range linear min max low high lower upper min_value max_value "
        "distribution type sampling suggest_float log_float",
        "leave the field out of the space: it keeps the value that the document gives it": "value fixed constant",
        "the value in the document is the default": "default",
    },
    "Block": {
        _OMIT: "in_channels in_features in_planes inplanes in_chs input_shape input_dim",
        _PENALTY: "kernel_regularizer bias_regularizer regularizer l2 weight_decay",
        _CLIPPING: "kernel_constraint bias_constraint",
        "channels come last": "data_format",
        "the axis is the last, the channels": "axis dim",
        "write `squeeze_excite: {}`": "se use_se se_layer",
        "write `squeeze_excite: {ratio: ...}`, how many times fewer channels: 4 for a fourth": "se_ratio rd_ratio",
        "write {block: dropout, rate: VALUE} after the block": "dropout dropout_rate",
        "write `rate: ...`, the share that is dropped": "keep_prob",
        "write `center: VALUE, scale: VALUE`": "affine",
        "write `train: {finetune: {freeze: ...}}`": "trainable",
        "what joins the branches is `merge`": "mode",
        "its fields are written beside `block`": "args kwargs config params parameters",
        "": "inplace ceil_mode dtype",
    },
    "with norm": {"write `norm: {}`": "bn batch_norm use_bn normalization norm_layer"},
    "conv": {
        "a convolution with its norm is the block conv_norm_act": "bn batch_norm use_bn normalization norm_layer norm",
        "a convolution with its pool is the block conv_relu_pool": "pool pooling",
    },
    "activation": {"write `activation: VALUE`": "type"},
    "head": {"the classes are `classes` at the top of the spec": "num_classes",
             "the classes are `classes` at the top of the spec, layers before them `fc: [...]`": "units",
             "write `classifier_activation: null`": "logits"},
}  # fmt: skip
"""The model, block or, for all blocks, `Block` -> what to say instead of a suggestion -> fields.

VALUE stands for what was written, NAME for the field. The empty text says nothing, where the name that is spelled most
like it means something else.
"""

VALUES = {
    "add": "sum plus addition",
    "macs": "flops multiply_adds mult_adds",
    "avg": "average mean gap global_avg_pool global_average_pooling_2d avgpool",
    "max": "maximize maximise maxpool global_max_pool",
    "min": "minimize minimise",
    "batch": "bn batch_norm batch_normalization",
    "layer": "ln layer_norm layer_normalization",
    "concat": "concatenate cat",
    "float16": "fp16 half mixed_float16",
    "bfloat16": "bf16 mixed_bfloat16",
    "horizontal": "hflip fliplr left_right",
    "vertical": "vflip flipud",
    "random": "random_search",
    "grid": "grid_search",
    "bayesian": "bayes bayes_opt bayesian_optimization",
    "staged": "coarse_to_fine",
    "parameters": "params",
    "projection": "conv conv1x1",
}
"""value of a field -> what others call it."""


def _by_word(table: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, words in table.items():
        for word in words.split():
            found.setdefault(spelled(word), []).append(one)
    return found


FIELDS_OF, VALUES_OF = _by_word(FIELDS), _by_word(VALUES)
TEXTS_OF = {scope: _by_word(table) for scope, table in INSTEAD.items()}


def synonym(name: str, known: Collection[str], meant: Mapping[str, list[str]] = FIELDS_OF) -> str:
    """The known name that another tool's word, or another spelling, means; empty where there is none."""
    plain = spelled(name)
    others = (one for one in meant.get(plain, ()) if one in known)
    return next((one for one in known if spelled(one) == plain), None) or next(others, "")


def instead(name: str, *scopes: str) -> str | None:
    """What to say of a field where no other field is meant; None where nothing is known of it."""
    return next((texts[0] for scope in scopes if (texts := TEXTS_OF.get(scope, {}).get(spelled(name)))), None)
