"""Measures: conversion, time in stages, leaks, cohorts, and the chain of stages with its probabilities."""
