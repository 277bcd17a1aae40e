package registry_test

import (
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/dockerregistry"
)

// cost is the cost of one run.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory, as last seen while it ran
}

// BenchmarkPush pushes 500 MB in 8 layers, cold and again, in turns with skopeo copy and crane push of the same layout, each
// into a registry of its own that is as fresh: skopeo remembers what it sent where. Run it with -benchtime=5x.
func BenchmarkPush(b *testing.B) {
	requireDockerRegistry(b)
	dir := b.TempDir()
	desc := bigLayout(b, dir)
	pusher := filepath.Join(b.TempDir(), "pusher")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", pusher, "./testdata/pusher").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	contestants := []struct {
		name    string
		command func(ref string) *exec.Cmd
	}{
		{"ours", func(ref string) *exec.Cmd {
			return exec.Command(pusher, dir, desc.Digest.String(), strconv.FormatInt(desc.Size, 10), ref)
		}},
		{"skopeo", func(ref string) *exec.Cmd {
			return exec.Command("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:"+dir, "docker://"+ref)
		}},
		{"crane", func(ref string) *exec.Cmd {
			return exec.Command(newOthers(b, "").crane, "push", dir, ref)
		}},
	}
	costs := map[string][]cost{}
	for b.Loop() {
		for _, c := range contestants {
			server, err := dockerregistry.Start(b.Context(), user, password)
			if err != nil {
				b.Fatal(err)
			}
			others := newOthers(b, server.Addr())
			for _, kind := range []string{"cold", "again"} {
				cmd := c.command(server.Addr() + "/acme/backend:1")
				cmd.Env = append(cmd.Environ(), others.environment()...)
				name := c.name + " " + kind
				costs[name] = append(costs[name], measured(b, cmd))
			}
			if err := server.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, kind := range []string{"cold", "again"} {
		for _, c := range contestants {
			b.Logf("%-13s %s", c.name+" "+kind, summary(costs[c.name+" "+kind]))
		}
	}
	b.ReportMetric(0, "ns/op") // it would count the registry's start
}

// bigLayout makes an OCI layout of one image that cannot be compressed any more.
func bigLayout(b *testing.B, dir string) ocispec.Descriptor {
	b.Helper()
	store, err := local.NewStore(dir)
	if err != nil {
		b.Fatal(err)
	}
	l := &library{t: b, store: store}
	var layers []ocispec.Descriptor
	for i := range 8 {
		writer, err := content.OpenWriter(b.Context(), store, content.WithRef(strconv.Itoa(i)))
		if err != nil {
			b.Fatal(err)
		}
		// skopeo compresses what is not compressed yet.
		packed, err := gzip.NewWriterLevel(writer, gzip.NoCompression)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyN(packed, rand.Reader, 500_000_000/8); err != nil {
			b.Fatal(err)
		}
		if err := packed.Close(); err != nil {
			b.Fatal(err)
		}
		status, err := writer.Status()
		if err != nil {
			b.Fatal(err)
		}
		layers = append(layers, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: writer.Digest(), Size: status.Offset})
		if err := writer.Commit(b.Context(), status.Offset, ""); err != nil {
			b.Fatal(err)
		}
	}
	desc := l.image("a1", layers...)
	for name, text := range map[string]string{
		"oci-layout": `{"imageLayoutVersion":"1.0.0"}`,
		"index.json": fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, desc.MediaType, desc.Digest, desc.Size),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return desc
}

// measured runs a command and looks at its memory all the while: what the kernel says at the end counts the parent's too.
func measured(b *testing.B, cmd *exec.Cmd) (c cost) {
	b.Helper()
	var said strings.Builder
	cmd.Stderr = &said
	started := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("%q: %v\n%s", cmd.Args, err, said.String())
			}
			c.wall, c.cpu = time.Since(started), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			return c
		case <-look.C:
			c.peak = max(c.peak, peakMemory(cmd.Process.Pid))
		}
	}
}

// peakMemory is zero where there is no /proc and when the process is gone.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || runtime.GOOS != "linux" {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	value, _, _ := strings.Cut(rest, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return kilobytes << 10
}

func summary(costs []cost) string {
	walls, cpus, peak := make([]time.Duration, len(costs)), make([]time.Duration, len(costs)), int64(0)
	for i, c := range costs {
		walls[i], cpus[i], peak = c.wall, c.cpu, max(peak, c.peak)
	}
	slices.Sort(walls)
	slices.Sort(cpus)
	return fmt.Sprintf("%6d ms (%d-%d), CPU %d ms, at most %d MB of memory", walls[len(walls)/2].Milliseconds(),
		walls[0].Milliseconds(), walls[len(walls)-1].Milliseconds(), cpus[len(cpus)/2].Milliseconds(), peak>>20)
}
