"""Facts: what is known about customers, computed as of an instant and by what was known at another one.

The one vocabulary that segments, rules, classifications, reports and exports speak. Facts are computed over everything,
whoever asks; reading one needs the right for its class, and the customers shown are the reader's.
"""
