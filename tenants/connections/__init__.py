"""Partner Center accounts of a reseller, and clients made from them."""
