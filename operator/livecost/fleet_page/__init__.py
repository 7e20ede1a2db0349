"""The live fleet in the browser: CustomerClusters as the API server tells them, in step with it."""
