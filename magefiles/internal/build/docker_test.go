package build_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

const testImage = "example.com/buildkit:test"

// dockerOptions are those of a machine with Docker; what the person is told is collected.
func dockerOptions(t *testing.T) (o build.ConnectOptions, said *[]string) {
	t.Helper()
	for _, pair := range engine.Engine(t).Environ() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	privileged(t)
	o, err := buildkit.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	said = new([]string)
	o.Docker, o.DockerImage = true, testImage
	o.Say = func(format string, args ...any) { *said = append(*said, fmt.Sprintf(format, args...)) }
	return o, said
}

// privileged lets --privileged be used where this machine itself lacks a capability, which Docker then refuses: a script in
// front of the real docker spells it out, with the capabilities that there are.
func privileged(t *testing.T) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "CapBnd:")
	bounding, err := strconv.ParseUint(strings.Fields(after)[0], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	const resource = 24 // CAP_SYS_RESOURCE in linux/capability.h
	if bounding&(1<<resource) != 0 {
		return
	}
	dir := t.TempDir()
	script := `#!/bin/sh
for arg in "$@"; do
	shift
	[ "$arg" = --privileged ] || { set -- "$@" "$arg"; continue; }
	set -- "$@" --security-opt=seccomp=unconfined --security-opt=apparmor=unconfined --security-opt=systempaths=unconfined \
		--volume=/sys/fs/cgroup:/sys/fs/cgroup --cgroupns=host --cap-add=SYS_ADMIN --cap-add=NET_ADMIN --cap-add=SYS_PTRACE --cap-add=MKNOD
done
exec /usr/bin/docker "$@"
`
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func runDocker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := engine.Engine(t).Command(t.Context(), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestContainerInDocker(t *testing.T) {
	daemon.Connection(t) // buildkitd is compiled
	o, said := dockerOptions(t)
	if err := buildkit.Image(t.Context(), engine.Engine(t), testImage); err != nil {
		t.Fatal(err)
	}
	first := connectDocker(t, o, "a container of ours was created")
	if len(*said) != 1 || !strings.Contains((*said)[0], "docker rm -f "+build.DockerContainer) {
		t.Errorf("the person was told %q", *said)
	}
	if !first.Local || first.CPUs != runtime.NumCPU() || first.Version != build.DaemonVersion {
		t.Errorf("the daemon is %+v", first)
	}
	r := newRepository(t)
	r.write("toolbox", read(t, filepath.Join(r.root, "toolbox"))+"of its own") // layers of other tests have files of other times
	r.component("core", base+"RUN echo in-a-container\n").Reproducible = true
	want := r.must()[0].Descriptor.Digest
	r.opts.Connect, r.opts.NoCache = build.Connected(first), true
	if got := r.must()[0].Descriptor.Digest; got != want {
		t.Errorf("the container's daemon gives %s, want %s", got, want)
	}
	buildkit.CloseAll(t, first)
	id := runDocker(t, "container", "inspect", "--format={{.Id}}", build.DockerContainer)
	buildkit.CloseAll(t, connectDocker(t, o, "is running"))
	runDocker(t, "stop", "--time=20", build.DockerContainer)
	buildkit.CloseAll(t, connectDocker(t, o, "so it was started"))
	if again := runDocker(t, "container", "inspect", "--format={{.Id}}", build.DockerContainer); again != id {
		t.Errorf("the container is another: %s, want %s", again, id)
	}
	policy := runDocker(t, "container", "inspect", "--format={{.HostConfig.RestartPolicy.Name}}", build.DockerContainer)
	if policy != "no" || len(*said) != 1 {
		t.Errorf("restart policy is %q, the person was told %q", policy, *said)
	}
	namedContainer(t)
	// A running container with another image is told of, a stopped one is made anew; its cache stays.
	o.DockerImage = testImage + "2"
	runDocker(t, "tag", testImage, o.DockerImage)
	buildkit.CloseAll(t, connectDocker(t, o, "is running"))
	if len(*said) != 2 || !strings.Contains((*said)[1], testImage+" instead of "+o.DockerImage) || !strings.Contains((*said)[1], "docker stop "+build.DockerContainer) {
		t.Errorf("of another image the person was told %q", (*said)[1:])
	}
	runDocker(t, "stop", "--time=20", build.DockerContainer)
	c := connectDocker(t, o, "was created")
	r.opts.Connect, r.opts.NoCache = build.Connected(c), false
	if image := r.must()[0]; image.CachedSteps != image.Steps {
		t.Errorf("%d of %d steps are cached", image.CachedSteps, image.Steps)
	}
	buildkit.CloseAll(t, c)
	runDocker(t, "rm", "--force", build.DockerContainer)
}

func connectDocker(t *testing.T, o build.ConnectOptions, why string) *build.Connection {
	t.Helper()
	c, err := build.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.Why, why) || c.Address != "docker-container://"+build.DockerContainer {
		t.Errorf("%s is taken because %q, want %q", c.Address, c.Why, why)
	}
	return c
}

// namedContainer reaches the same one as BUILDKIT_HOST does.
func namedContainer(t *testing.T) {
	t.Helper()
	c, err := build.Connect(t.Context(), build.ConnectOptions{Host: "docker-container://" + build.DockerContainer, CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Local || c.Version != build.DaemonVersion {
		t.Errorf("the daemon is %+v", c)
	}
	buildkit.CloseAll(t, c)
	if _, err = build.Connect(t.Context(), build.ConnectOptions{Host: "docker-container://none", CacheDir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "No such container: none") {
		t.Errorf("a container that is not there: %v", err)
	}
}

func TestWithoutAnImageTheNextIsTaken(t *testing.T) {
	shared := daemon.Connection(t)
	o, said := dockerOptions(t)
	o.DockerImage, o.Sockets = "127.0.0.1:1/acme/buildkit:1", []string{shared.Address}
	c, err := build.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	buildkit.CloseAll(t, c)
	if c.Address != shared.Address || !strings.Contains(strings.Join(*said, "\n"), "going on without a BuildKit container in Docker: docker pull") {
		t.Errorf("%s is taken, the person was told %q", c.Address, *said)
	}
	if err := exec.CommandContext(t.Context(), "docker", "container", "inspect", build.DockerContainer).Run(); err == nil {
		t.Error("a container is left")
	}
}

func TestWithoutDockerNobodyIsBothered(t *testing.T) {
	shared := daemon.Connection(t)
	for name, setenv := range map[string]func(){
		"no program": func() { t.Setenv("PATH", t.TempDir()) },
		"no server":  func() { t.Setenv("DOCKER_HOST", "unix://"+t.TempDir()+"/none.sock") },
	} {
		path := os.Getenv("PATH")
		setenv()
		o := build.ConnectOptions{CacheDir: t.TempDir(), Docker: true, Sockets: []string{shared.Address}}
		o.Say = func(format string, args ...any) { t.Errorf("%s: "+format, append([]any{name}, args...)...) }
		c, err := build.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		buildkit.CloseAll(t, c)
		t.Setenv("PATH", path)
	}
}
