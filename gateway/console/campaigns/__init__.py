"""The room Campaigns: the list, the composer in four steps, the approval, and the page of one that goes out."""
