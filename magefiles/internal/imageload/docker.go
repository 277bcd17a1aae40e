package imageload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// probeTimeout is the time that a target has for its first answer.
const probeTimeout = 5 * time.Second

// errSilent is the cause of a probe's end.
var errSilent = errors.New("no answer within the time of a probe")

// dockerEngine is a Docker Engine. Three calls of its API are all that loading takes
// (https://docs.docker.com/reference/api/engine/version/v1.41).
type dockerEngine struct {
	http     *http.Client
	api      string // URL of the API in the Engine's own version
	version  string
	zstd     bool // layers compressed with it can be loaded
	platform ocispec.Platform
}

// zstdAPI is the first version of the API, that of Docker 23.0, whose Engine reads zstd
// (https://github.com/moby/moby/pull/41759).
const zstdAPI = 42

var _ Target = (*dockerEngine)(nil)

// findDocker asks the Engine for its version and platform (operation SystemVersion).
func findDocker(ctx context.Context, o DockerOptions) (*dockerEngine, error) {
	endpoint, err := o.resolveEndpoint()
	if err != nil {
		return nil, err
	}
	client, root, err := endpoint.newClient()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, errSilent)
	defer cancel()
	e := &dockerEngine{http: client, api: root}
	var version struct{ Version, ApiVersion, Os, Arch string }
	if err := e.getJSON(ctx, "/version", &version); err != nil {
		return nil, unreachableProblem(err, "Docker", endpoint.host, "start Docker or set DOCKER_HOST", "docker")
	}
	e.version, e.api = version.Version, root+"/v"+version.ApiVersion
	var major, minor int
	_, err = fmt.Sscanf(version.ApiVersion, "%d.%d", &major, &minor)
	e.zstd = err == nil && (major > 1 || minor >= zstdAPI)
	e.platform = platforms.Normalize(ocispec.Platform{OS: version.Os, Architecture: version.Arch})
	return e, nil
}

// unreachableProblem explains why nothing answers at an address; group may use the socket.
func unreachableProblem(err error, name, address, remedy, group string) error {
	if errors.Is(err, fs.ErrPermission) {
		remedy = "run it as root"
		if group != "" {
			remedy = "sudo usermod -aG " + group + " $USER, and log in again"
		}
	}
	return problem.New(problem.Failed, remedy+"\n"+noLoadHint, "asking %s at %s: %w", name, address, err)
}

// unloadedRemedy is the remedy where a target does not take images.
func unloadedRemedy(target string) string {
	return "read the log of " + target + "; mage push takes the images from .astrago/images all the same\n" + noLoadHint
}

// String names the Engine.
func (e *dockerEngine) String() string { return "Docker " + e.version }

// Name is config.LoaderDocker.
func (e *dockerEngine) Name() string { return string(config.LoaderDocker) }

// Platform is the Engine's, which may be another machine's, or that of a virtual machine.
func (e *dockerEngine) Platform() string { return platforms.Format(e.platform) }

// Close drops idle connections.
func (e *dockerEngine) Close() error {
	e.http.CloseIdleConnections()
	return nil
}

// Load sends all images that the Engine lacks in one stream (operation ImageLoad).
func (e *dockerEngine) Load(ctx context.Context, provider content.Provider, images []Image) (Result, error) {
	missing, result, err := planLoad(ctx, provider, images, platforms.Only(e.platform), e.hasImage)
	if err != nil || len(missing) == 0 {
		return result, err
	}
	result.Sent, err = e.sendArchive(ctx, provider, missing)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return result, cause
	}
	if err != nil {
		return result, problem.New(problem.Failed, unloadedRemedy("Docker"), "loading images into %s: %w", e, err)
	}
	for _, c := range missing {
		if id, err := e.imageID(ctx, c.ref); err != nil || id == "" {
			return result, errors.Join(fmt.Errorf("loading images into %s: it does not know %s afterwards", e, c.ref), err)
		}
	}
	return result, nil
}

// hasImage reports whether the Engine has an image under its name. The id is the configuration's digest, or with containerd's
// image store the manifest's or the index's.
func (e *dockerEngine) hasImage(ctx context.Context, c platformImage) (bool, error) {
	id, err := e.imageID(ctx, c.ref)
	if err != nil {
		return false, fmt.Errorf("asking %s for %s: %w", e, c.ref, err)
	}
	return slices.Contains([]digest.Digest{c.manifest.Config.Digest, c.desc.Digest, c.root.Digest}, id), nil
}

// imageID returns the Engine's ID of an image; empty if it has none of the name (operation ImageInspect).
func (e *dockerEngine) imageID(ctx context.Context, ref string) (digest.Digest, error) {
	var image struct{ Id digest.Digest }
	err := e.getJSON(ctx, "/images/"+ref+"/json", &image)
	if status, ok := errors.AsType[statusError](err); ok && status.code == http.StatusNotFound {
		return "", nil
	}
	return image.Id, err
}

// sendArchive streams an archive into the Engine. The writer has ended when it returns.
func (e *dockerEngine) sendArchive(ctx context.Context, provider content.Provider, choices []platformImage) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	reader, writer := io.Pipe()
	counted := &countingWriter{Writer: writer}
	written := make(chan struct{})
	var writeErr error
	go func() {
		defer close(written)
		writeErr = writeArchive(ctx, counted, provider, choices, e.zstd)
		_ = writer.CloseWithError(writeErr)
	}()
	err := e.postArchive(ctx, reader)
	_ = reader.CloseWithError(errStopped) // an Engine that refuses does not read on
	<-written
	if writeErr != nil && !errors.Is(writeErr, errStopped) {
		err = writeErr
	}
	return counted.n, err
}

// errStopped ends the writing of an archive that is not read any more.
var errStopped = errors.New("the Engine has stopped reading")
