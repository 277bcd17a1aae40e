// Package imageload makes built images usable on this machine: it hands them to Docker, or to containerd, out of the image
// layout that a build leaves, without a temporary file, and only what is not there yet.
package imageload

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// Image is an image of a layout: a manifest, or an index of several platforms.
type Image struct {
	Ref        string // repository:tag, with the registry's host
	Descriptor ocispec.Descriptor
}

// State is the outcome of loading an image.
type State string

// The states.
const (
	Loaded  State = "loaded"
	Present State = "present" // under the same name, with the same content
	Foreign State = "foreign" // an index without a manifest for the target's platform; not loaded
)

// Result says what became of the images.
type Result struct {
	States map[string]State // by reference
	Sent   int64            // bytes
}

// Target runs images on this machine.
type Target interface {
	// String names it for people, with its version.
	String() string
	// Name is that of its config.Loader.
	Name() string
	// Platform returns the platform that it runs, e.g. linux/amd64.
	Platform() string
	// Load hands it the images. The provider has their blobs.
	Load(ctx context.Context, provider content.Provider, images []Image) (Result, error)
	Close() error
}

// Options say where images are loaded.
type Options struct {
	Loader     config.Loader // empty is config.LoaderAuto
	Workflow   bool          // in a GitHub workflow, where the images are not run, LoaderAuto is LoaderNone
	Docker     DockerOptions
	Containerd ContainerdOptions
}

// noLoadHint is the remedy where no loading is wanted.
const noLoadHint = "or write `load: none` in astrago.yaml"

// Find returns the target that answers. Without one, because none is wanted or LoaderAuto finds none, it is nil, and reason
// says why in a line.
func Find(ctx context.Context, o Options) (target Target, reason string, err error) {
	switch o.Loader {
	case config.LoaderNone:
		return nil, "load: none", nil
	case config.LoaderDocker:
		target, err = findDocker(ctx, o.Docker)
	case config.LoaderContainerd:
		target, err = findContainerd(ctx, o.Containerd)
	default:
		return findAny(ctx, o)
	}
	if err != nil {
		return nil, "", err
	}
	return target, "", nil
}

func findAny(ctx context.Context, o Options) (target Target, reason string, err error) {
	if o.Workflow {
		return nil, "load: auto loads nothing in a workflow", nil
	}
	docker, dockerErr := findDocker(ctx, o.Docker)
	if dockerErr == nil {
		return docker, "", nil
	}
	containerd, containerdErr := findContainerd(ctx, o.Containerd)
	if containerdErr == nil {
		return containerd, "", nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, "", cause
	}
	return nil, fmt.Sprintf("no Docker (%s) and no containerd (%s)", innermost(dockerErr), innermost(containerdErr)), nil
}

// innermost is an error's innermost text, for a line that holds two of them.
func innermost(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
