package config

// Loader is where `mage build` loads its images, so that they can be run on this machine.
type Loader string

// The loaders.
const (
	LoaderAuto       Loader = "auto"       // Docker or else containerd, whichever answers; none in a GitHub workflow
	LoaderDocker     Loader = "docker"     // the Docker Engine of DOCKER_HOST, of docker's context, or of this machine
	LoaderContainerd Loader = "containerd" // the containerd of CONTAINERD_ADDRESS, or of this machine
	LoaderNone       Loader = "none"
)
