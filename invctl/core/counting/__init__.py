"""Files of counts: read and added up, judged, and made what the books say."""
