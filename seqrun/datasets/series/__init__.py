"""Series that are forecast: tables of rows in time, cut into windows."""
