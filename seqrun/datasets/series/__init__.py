"""Series to forecast: tables of rows in time order, cut into windows."""
