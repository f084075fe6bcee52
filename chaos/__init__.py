"""The storm: thousands of rewards through a provider that misbehaves, while workers are killed and servers restarted."""
