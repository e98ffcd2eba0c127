"""What datasets of several families share: fields, tables, partitions, scales."""
