package daemon

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// The name and the default image of astrago-ci's container in Docker.
const (
	ContainerName = "astrago-ci-buildkit"
	DefaultImage  = "moby/buildkit:" + Version
)

// dockerTimeout is the time that Docker has to answer a request; an address in DOCKER_HOST may be dead.
const dockerTimeout = 10 * time.Second

// dockerEntry starts the daemon of the container: its configuration is an argument, so that creating it is one call, and
// only inside is it known how many CPUs there are.
const dockerEntry = `printf %s "$1" >/tmp/buildkitd.toml && exec buildkitd --config /tmp/buildkitd.toml --oci-worker-labels "$2=$(nproc)"`

// errNoDocker is that Docker cannot be used, for a reason that a person need not hear of.
var errNoDocker = errors.New("no Docker")

// containerState is the state of astrago-ci's container as Docker reports it.
type containerState struct {
	exists, running bool
	image           string
	registries      string // sum of the settings that it was created with
}

// isCurrent reports whether it was created as one would be now.
func (c containerState) isCurrent(image, registries string) bool {
	return c.image == image && c.registries == registries
}

// runDocker runs the docker CLI, which knows contexts, DOCKER_HOST and its logins. A failure holds its words.
func runDocker(ctx context.Context, args ...string) (string, error) {
	cmd := procgroup.Command(ctx, "docker", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("docker %s: %s", args[0], cmp.Or(strings.TrimSpace(stderr.String()), err.Error()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// inspectContainer asks Docker for astrago-ci's container; the error wraps errNoDocker where Docker is not available.
func inspectContainer(ctx context.Context) (containerState, error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return containerState{}, fmt.Errorf("%w: the program is not in PATH", errNoDocker)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, dockerTimeout, errors.New("no answer from Docker"))
	defer cancel()
	out, err := runDocker(ctx, "container", "inspect", "--format", inspectFormat, ContainerName)
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "no such container") {
		return containerState{}, nil
	}
	if err != nil {
		return containerState{}, fmt.Errorf("%w: %w", errNoDocker, err)
	}
	running, rest, _ := strings.Cut(out, " ")
	image, registries, _ := strings.Cut(rest, " ")
	return containerState{exists: true, running: running == "true", image: image, registries: registries}, nil
}

// labelRegistries holds the checksum of the registry settings that the container was created with.
const labelRegistries = "com.github.xiilab.astrago-ci.registries"

const inspectFormat = `{{.State.Running}} {{.Config.Image}} {{index .Config.Labels "` + labelRegistries + `"}}`

// dockerDaemon uses the daemon in astrago-ci's container, which it creates once and starts when it is stopped. A running one with another
// image is only reported, as another process may be building in it.
func dockerDaemon(ctx context.Context, o Options) (*Connection, error) {
	c, err := inspectContainer(ctx)
	if err != nil {
		return nil, err
	}
	if o.Existing && !c.exists {
		return nil, fmt.Errorf("%w: it has no container astrago-ci-buildkit", errNoDocker)
	}
	if !dockerIsLocal(ctx, "") {
		o.Daemon.Registries = withoutPairs(o.Daemon.Registries)
	}
	sum, err := registriesSum(o.Daemon.Registries)
	if err != nil {
		return nil, err
	}
	why := "the container astrago-ci-buildkit in Docker is running"
	switch image := o.dockerImage(); {
	case !c.running || o.Existing:
	case c.image != image:
		o.Say("the container %s runs %s instead of %s; it is renewed, with its cache, by the next build after: docker stop %s",
			ContainerName, c.image, image, ContainerName)
	case c.registries != sum:
		o.Say("the container %s knows registries by other settings than this machine has now; it is renewed, with its cache, by the next "+
			"build after: docker stop %s", ContainerName, ContainerName)
	}
	if !c.running {
		if why, err = startContainer(ctx, o, sum); err != nil {
			return nil, err
		}
	}
	connection, err := dialContainer(ctx)
	if err != nil {
		return nil, err
	}
	connection.Why = why
	connection.setLocal(dockerIsLocal(ctx, ""))
	return connection, nil
}

// dockerImage returns the image of astrago-ci's container.
func (o Options) dockerImage() string { return cmp.Or(o.DockerImage, DefaultImage) }

// startContainer starts astrago-ci's container, or creates it; a stopped one with another image or other registry settings is replaced. Its
// cache is a volume, which stays.
func startContainer(ctx context.Context, o Options, sum string) (why string, err error) {
	release, err := filelock.Acquire(ctx, o.dockerLock(), true)
	if err != nil {
		return "", err
	}
	defer release()
	image := o.dockerImage()
	c, err := inspectContainer(ctx)
	if err == nil && c.exists && !c.running && !c.isCurrent(image, sum) {
		_, err = runDocker(ctx, "container", "rm", ContainerName)
		c.exists = false
	}
	switch {
	case err != nil:
		return "", err
	case c.exists:
		_, err = runDocker(ctx, "container", "start", ContainerName) // nothing happens where another process has
		return "the container astrago-ci-buildkit in Docker was stopped, so it was started", err
	}
	return "Docker is running, so the container astrago-ci-buildkit was created", createContainer(ctx, o, image, sum)
}

// dialContainer waits for the daemon in astrago-ci's container.
func dialContainer(ctx context.Context) (*Connection, error) {
	for deadline := time.Now().Add(startTimeout); ; {
		c, err := dialAddress(ctx, "docker-container://"+ContainerName)
		if err == nil {
			return c, nil
		}
		state, inspectErr := inspectContainer(ctx)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if inspectErr != nil || !state.running || time.Now().After(deadline) {
			logs, _ := runDocker(ctx, "logs", "--tail=10", ContainerName)
			return nil, problem.New(problem.Failed, "docker logs "+ContainerName, "starting BuildKit in the container %s: %s: %s",
				ContainerName, dialCause(err), logs)
		}
		if err := backoff.Sleep(ctx, 10*pollInterval); err != nil {
			return nil, err
		}
	}
}
