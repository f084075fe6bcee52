"""The storm: thousands of rewards through a provider that misbehaves, while workers and servers are killed."""
