"""What can be learned from votes without training a model: datasets, examples, variants and a ranker."""
