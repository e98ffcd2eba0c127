"""Training and measuring regressors: one or several numbers of a whole sample, with prediction intervals."""
