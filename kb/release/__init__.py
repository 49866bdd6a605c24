"""Releases and folders of exports: data, metadata, checks, and redirects for persistent IRIs."""
