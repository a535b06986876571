"""Methods of anomaly detection, one file each."""
