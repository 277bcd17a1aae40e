package progress

// Result is the outcome of a component's successful build.
type Result struct {
	Reused      bool  // an image from before was taken: nothing was built
	Existing    bool  // the registry has the image: nothing was built
	Remote      bool  // the daemon has pushed the image
	Size        int64 // bytes of the image; 0 where it is not here
	Steps       int   // instructions of the Dockerfile
	CachedSteps int   // how many of them were taken from the cache
}
