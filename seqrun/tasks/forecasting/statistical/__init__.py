"""Statistical models of series as baselines: fitted once by statsforecast, then taken through the test rows."""
