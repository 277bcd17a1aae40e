package buildkit_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// What a release does with a daemon on this machine, until every tag is set: images through the layout against images that
// the daemon pushes. It is run by `go test -run - -bench Output -benchtime 5x`.
func BenchmarkOutput(b *testing.B) {
	for _, size := range []struct {
		name              string
		components, files int
		bytes             int
	}{{"3 small", 3, 20, 10_000}, {"500 MB", 1, 8, 62_500_000}} {
		for _, output := range []config.Output{config.OutputStore, config.OutputRegistry} {
			r, push := benchmarked(b, output)
			fill := func() {
				for i := range size.components {
					for j := range size.files {
						data := make([]byte, size.bytes)
						_, _ = rand.Read(data) // never fails
						r.write(fmt.Sprintf("src/c%d/%d", i, j), string(data))
					}
				}
			}
			for i := range size.components {
				dockerfile := base
				for j := range size.files {
					if size.components == 1 || j == 0 {
						dockerfile += fmt.Sprintf("COPY src/c%d/%d /app/%d\n", i, j, j)
					}
				}
				r.component(fmt.Sprint("c", i), dockerfile+"RUN write /done yes\n")
			}
			b.Run(size.name+"/"+string(output)+"/first", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					fill()
					b.StartTimer()
					push(b)
				}
			})
			b.Run(size.name+"/"+string(output)+"/unchanged", func(b *testing.B) {
				for b.Loop() {
					push(b)
				}
			})
		}
	}
}

// benchmarked returns a repository and what builds and pushes its images, under a new tag each time.
func benchmarked(b *testing.B, output config.Output) (*repository, func(*testing.B)) {
	b.Helper()
	server, account := startRegistry(b)
	r := newRepository(b)
	r.opts.Credentials, r.opts.Push = account, output == config.OutputRegistry
	keychain := auth.NewKeychain(b.TempDir(), auth.Token{User: "robot", Secret: "push-s3cret", Name: "TOKEN", Hosts: []string{server.Addr()}})
	n := 0
	return r, func(b *testing.B) {
		b.Helper()
		n++
		for i := range r.plan.Images {
			r.plan.Images[i].Repository, r.plan.Images[i].Tag = refs.Repository(server.Addr()+"/acme/shop"), fmt.Sprintf("%s-%d", r.plan.Images[i].Component, n)
		}
		built, err := r.run()
		if err != nil {
			b.Fatal(err)
		}
		client := registry.New(registry.Options{Keychain: keychain, Push: true})
		if output == config.OutputRegistry {
			var tags []push.Image
			for _, img := range built {
				tags = append(tags, push.Image{Ref: img.Ref, Descriptor: img.Descriptor, Revision: r.plan.Commit.SHA})
			}
			_, err = client.Retag(b.Context(), tags)
		} else {
			layout, lerr := ocilayout.Open(r.opts.Layout)
			if lerr != nil {
				b.Fatal(lerr)
			}
			var images []push.Image
			for _, img := range built {
				images = append(images, push.Image{Ref: img.Ref, Descriptor: img.Descriptor, Revision: r.plan.Commit.SHA})
			}
			_, err = client.Push(b.Context(), layout.Store(), images, func(push.Progress) {})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
