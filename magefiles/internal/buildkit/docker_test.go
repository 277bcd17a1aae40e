package buildkit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

const testImage = "example.com/buildkit:test"

// dockerOptions are those of a machine with Docker; the messages to the person are collected.
func dockerOptions(t *testing.T) (o daemon.Options, said *[]string) {
	t.Helper()
	for _, pair := range engine.Get(t).Environ() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	privileged(t)
	o, err := buildkitd.Options(t.TempDir())
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
	out, err := engine.Get(t).Command(t.Context(), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestContainerInDocker(t *testing.T) {
	sharedDaemon.Connection(t) // buildkitd is compiled
	o, said := dockerOptions(t)
	if err := buildkitd.Image(t.Context(), engine.Get(t), testImage); err != nil {
		t.Fatal(err)
	}
	first := connectDocker(t, o, "was created")
	if len(*said) != 1 || !strings.Contains((*said)[0], "docker rm -f "+daemon.ContainerName) {
		t.Errorf("the person was told %q", *said)
	}
	if !first.Local || first.CPUs != runtime.NumCPU() || first.Version != daemon.Version {
		t.Errorf("the daemon is %+v", first)
	}
	r := newRepository(t)
	r.write("toolbox", read(t, filepath.Join(r.root, "toolbox"))+"of its own") // layers of other tests have files of other times
	r.component("core", base+"RUN echo in-a-container\n").Reproducible = true
	want := r.must()[0].Descriptor.Digest
	r.opts.Connect, r.opts.NoCache = buildkitd.Connected(first), true
	if got := r.must()[0].Descriptor.Digest; got != want {
		t.Errorf("the container's daemon gives %s, want %s", got, want)
	}
	buildkitd.CloseAll(t, first)
	id := runDocker(t, "container", "inspect", "--format={{.Id}}", daemon.ContainerName)
	buildkitd.CloseAll(t, connectDocker(t, o, "is running"))
	runDocker(t, "stop", "--time=20", daemon.ContainerName)
	buildkitd.CloseAll(t, connectDocker(t, o, "so it was started"))
	if again := runDocker(t, "container", "inspect", "--format={{.Id}}", daemon.ContainerName); again != id {
		t.Errorf("the container is another: %s, want %s", again, id)
	}
	policy := runDocker(t, "container", "inspect", "--format={{.HostConfig.RestartPolicy.Name}}", daemon.ContainerName)
	if policy != "no" || len(*said) != 1 {
		t.Errorf("restart policy is %q, the person was told %q", policy, *said)
	}
	namedContainer(t)
	// A running container with another image is reported, a stopped one is replaced; its cache stays.
	o.DockerImage = testImage + "2"
	runDocker(t, "tag", testImage, o.DockerImage)
	buildkitd.CloseAll(t, connectDocker(t, o, "is running"))
	if len(*said) != 2 || !strings.Contains((*said)[1], testImage+" instead of "+o.DockerImage) || !strings.Contains((*said)[1], "docker stop "+daemon.ContainerName) {
		t.Errorf("of another image the person was told %q", (*said)[1:])
	}
	// So is one that knows registries by other settings; their files are copied into the new one.
	authority := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(authority, []byte("an authority"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.DockerImage, o.Daemon.Registries = testImage, []daemon.Registry{{Host: "reg.test", Authorities: []string{authority}}}
	buildkitd.CloseAll(t, connectDocker(t, o, "is running"))
	if len(*said) != 3 || !strings.Contains((*said)[2], "knows registries by other settings") {
		t.Errorf("of other registries the person was told %q", (*said)[2:])
	}
	runDocker(t, "stop", "--time=20", daemon.ContainerName)
	c := connectDocker(t, o, "was created")
	if got := runDocker(t, "exec", daemon.ContainerName, "cat", "/etc/buildkit/astrago-ci/0.pem", "/tmp/buildkitd.toml"); !strings.HasPrefix(got, "an authority") ||
		!strings.Contains(got, "ca = ['/etc/buildkit/astrago-ci/0.pem']") {
		t.Errorf("the container has %q", got)
	}
	r.opts.Connect, r.opts.NoCache = buildkitd.Connected(c), false
	if image := r.must()[0]; image.CachedSteps != image.Steps {
		t.Errorf("%d of %d steps are cached", image.CachedSteps, image.Steps)
	}
	buildkitd.CloseAll(t, c)
	runDocker(t, "rm", "--force", daemon.ContainerName)
}

func connectDocker(t *testing.T, o daemon.Options, why string) *daemon.Connection {
	t.Helper()
	c, err := daemon.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.Why, why) || c.Address != "docker-container://"+daemon.ContainerName {
		t.Errorf("%s is taken because %q, want %q", c.Address, c.Why, why)
	}
	return c
}

// namedContainer reaches the same one as BUILDKIT_HOST does.
func namedContainer(t *testing.T) {
	t.Helper()
	c, err := daemon.Connect(t.Context(), daemon.Options{Host: "docker-container://" + daemon.ContainerName, CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Local || c.Version != daemon.Version {
		t.Errorf("the daemon is %+v", c)
	}
	buildkitd.CloseAll(t, c)
	if _, err = daemon.Connect(t.Context(), daemon.Options{Host: "docker-container://none", CacheDir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "No such container: none") {
		t.Errorf("a container that is not there: %v", err)
	}
}

func TestWithoutAnImageTheNextIsTaken(t *testing.T) {
	shared := sharedDaemon.Connection(t)
	o, said := dockerOptions(t)
	o.DockerImage, o.Sockets = "127.0.0.1:1/acme/buildkit:1", []string{shared.Address}
	c, err := daemon.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	buildkitd.CloseAll(t, c)
	if c.Address != shared.Address || !strings.Contains(strings.Join(*said, "\n"), "going on without a BuildKit container in Docker: docker pull") {
		t.Errorf("%s is taken, the person was told %q", c.Address, *said)
	}
	if err := exec.CommandContext(t.Context(), "docker", "container", "inspect", daemon.ContainerName).Run(); err == nil {
		t.Error("a container is left")
	}
}

func TestWithoutDockerNobodyIsBothered(t *testing.T) {
	shared := sharedDaemon.Connection(t)
	for name, setenv := range map[string]func(){
		"no program": func() { t.Setenv("PATH", t.TempDir()) },
		"no server":  func() { t.Setenv("DOCKER_HOST", "unix://"+t.TempDir()+"/none.sock") },
	} {
		path := os.Getenv("PATH")
		setenv()
		o := daemon.Options{CacheDir: t.TempDir(), Docker: true, Sockets: []string{shared.Address}}
		o.Say = func(format string, args ...any) { t.Errorf("%s: "+format, append([]any{name}, args...)...) }
		c, err := daemon.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		buildkitd.CloseAll(t, c)
		t.Setenv("PATH", path)
	}
}
