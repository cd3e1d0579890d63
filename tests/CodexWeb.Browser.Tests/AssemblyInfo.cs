// Every test has a server, a browser and sandboxes: one after the other, they have the machine to themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
