"""The datasets: one family of data a folder, and what several of them share."""
