"""Training and measuring forecasters: whole forecasts, their intervals, baselines, a backtest."""
