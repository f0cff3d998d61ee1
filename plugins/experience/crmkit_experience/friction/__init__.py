"""Friction: the steps at which customers are lost, toil or are displeased, by what is at stake."""
