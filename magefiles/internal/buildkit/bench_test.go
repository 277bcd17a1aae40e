package buildkit_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// Three components that nothing has changed in, 2,000 files in each context: one Run against three calls of buildctl on
// the same daemon, with the same outputs. It is run by `go test -bench NoChange -benchtime 5x`.
func BenchmarkNoChange(b *testing.B) {
	buildctl, err := exec.LookPath("buildctl")
	if err != nil {
		b.Skip("buildctl is not in PATH: go build -C scripts/tools/buildkit -o DIRECTORY github.com/moby/buildkit/cmd/buildctl")
	}
	for _, layout := range []string{"shared context", "own contexts"} {
		r := newRepository(b)
		toolbox := filepath.Join(r.root, "toolbox")
		for _, name := range []string{"core", "batch", "monitor"} {
			dir := "src"
			if layout == "own contexts" {
				dir = name
			}
			for i := range 2000 {
				r.write(fmt.Sprintf("%s/f/%d/%d.txt", dir, i%40, i), fmt.Sprintf("file %d %04096d", i, i))
			}
			if out, err := exec.CommandContext(b.Context(), "cp", toolbox, filepath.Join(r.root, dir, "toolbox")).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
			r.component(name, base+"WORKDIR /app\nCOPY f/ f/\nRUN write /app/name "+name+"\n").Context = dir
		}
		r.must()
		b.Run("run/"+layout, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
		out := b.TempDir()
		b.Run("buildctl/"+layout, func(b *testing.B) {
			buildctlAll(b, r, buildctl, out) // its own copies of the contexts
			for b.Loop() {
				buildctlAll(b, r, buildctl, out)
			}
		})
	}
}

func buildctlAll(b *testing.B, r *repository, buildctl, out string) {
	b.Helper()
	for _, img := range r.plan.Images {
		output := fmt.Sprintf("type=oci,tar=false,dest=%s,name=%s,rewrite-timestamp=true", filepath.Join(out, string(img.Component)), img.Ref())
		cmd := exec.CommandContext(b.Context(), buildctl, "--addr", sharedDaemon.Connection(b).Address, "build", "--frontend", "dockerfile.v0",
			"--local", "context="+filepath.Join(r.root, img.Context), "--local", "dockerfile="+r.root, "--opt", "filename="+img.Dockerfile,
			"--opt", fmt.Sprintf("build-arg:SOURCE_DATE_EPOCH=%d", r.plan.Created.Unix()), "--output", output, "--progress", "plain")
		cmd.Stdout, cmd.Stderr = nil, nil
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
