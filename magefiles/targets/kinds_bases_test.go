package targets_test

import (
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestBaseImagesReachImages has base images and what they bring along count.
func TestBaseImagesReachImages(t *testing.T) {
	t.Parallel()
	based := func(dockerfile, reference string) kind {
		return kind{
			dockerfile: dockerfile, out: "/v", before: func(s *sample) { s.baseWith(reference, "one") },
			change: func(s *sample) { s.baseWith(reference, "two"); another(s) },
		}
	}
	with := func(keys string, k kind) kind { k.keys = keys; return k }
	kinds(t, map[string]kind{
		"moved":                based("FROM REGISTRY/acme/moving:1\n", "moving:1"),
		"quoted argument":      based("ARG T=1\nARG BASED=\"REGISTRY/acme/quoted:${T}\"\nFROM $BASED\n", "quoted:1"),
		"of a stage":           based("FROM REGISTRY/acme/stage:1 AS other\nFROM BASE\nCOPY --from=OTHER /v /v\n", "stage:1"),
		"of a copy":            based("FROM BASE\nCOPY --from=REGISTRY/acme/copy:1 /v /v\n", "copy:1"),
		"named image":          with("contexts: { base2: 'docker-image://REGISTRY/acme/named:1' }", based("FROM base2\n", "named:1")),
		"platform":             based("ARG BASED=REGISTRY/acme/mv:1-${TARGETARCH:-none}\nFROM $BASED\n", "mv:1-"+runtime.GOARCH),
		"alternative platform": based("ARG BASED=REGISTRY/acme/mv2:1${TARGETARCH:+-with}\nFROM $BASED\n", "mv2:1-with"),
		"variant": with("platforms: [linux/arm/v7]",
			based("ARG BASED=REGISTRY/acme/mv3:1-${TARGETVARIANT:-none}\nFROM $BASED\n", "mv3:1-v7")),
		"other platform": with("platforms: [linux/riscv64]",
			based("ARG BASED=REGISTRY/acme/mv4:1-${TARGETARCH:-none}\nFROM $BASED\n", "mv4:1-riscv64")),
		"file of its steps": {
			dockerfile: "FROM REGISTRY/acme/onbuild:copy\n", files: map[string]string{"a.txt": "one"}, out: "/on",
			before: func(s *sample) { s.baseWith("onbuild:copy", "/unused", "COPY a.txt /on") }, change: two("a.txt"),
		},
		"archive of its steps": {
			dockerfile: "FROM REGISTRY/acme/onbuild:archive\n", out: "/on/out.txt",
			before: func(s *sample) { s.pack("one"); s.baseWith("onbuild:archive", "/unused", "ADD a.tar /on/") },
			change: func(s *sample) { s.pack("two") },
		},
		"its steps": {
			dockerfile: "FROM REGISTRY/acme/onbuild:run\n", out: "/on",
			before: func(s *sample) { s.baseWith("onbuild:run", "/unused", "RUN write /on one") },
			change: func(s *sample) { s.baseWith("onbuild:run", "/unused", "RUN write /on two"); another(s) },
		},
	})
}

// TestBaseImageOfTheCheckIsThatOfTheBuild: a daemon whose mirror lags, or that asks for a tag after it has moved, builds upon what the
// key counts.
func TestBaseImageOfTheCheckIsThatOfTheBuild(t *testing.T) {
	t.Parallel()
	kinds(t, map[string]kind{
		"lagging mirror": {
			dockerfile: "FROM REGISTRY/acme/lag:1\n", out: "/v", before: func(s *sample) { s.baseWith("lag:1", "one") }, change: func(s *sample) {
				s.baseWith("lag:0", "one") // what the mirror has
				s.baseWith("lag:1", "two")
				s.forDaemon("lag", "1", func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "1") + "0" })
				another(s)
			},
		},
		"lagging mirror of a stage": {
			dockerfile: "FROM REGISTRY/acme/lag2:1 AS other\nFROM BASE\nCOPY --from=other /v /v\n", out: "/v",
			before: func(s *sample) { s.baseWith("lag2:1", "one") }, change: func(s *sample) {
				s.baseWith("lag2:0", "one")
				s.baseWith("lag2:1", "two")
				s.forDaemon("lag2", "1", func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "1") + "0" })
				another(s)
			},
		},
		"tag that moves after the check": {
			dockerfile: "FROM REGISTRY/acme/race:1\n", out: "/v", before: func(s *sample) { s.baseWith("race:1", "one") }, change: func(s *sample) {
				s.baseWith("race:1", "two")
				var once sync.Once
				s.forDaemon("race", "", func(*http.Request) { once.Do(func() { s.baseWith("race:1", "three") }) })
				another(s)
			},
		},
	})
}

// forDaemon does something before the registry answers a daemon's request for a manifest of a base image: the one under a tag, or
// any.
func (s *sample) forDaemon(base, tag string, do func(*http.Request)) {
	s.registry.Inject(registry.On("", registry.Manifest, func(_ http.ResponseWriter, r *http.Request, request registry.Request) bool {
		if strings.HasPrefix(r.UserAgent(), "buildkit") && request.Repository == example.Owner+"/"+base && (tag == "" || request.Target == tag) {
			do(r)
		}
		return false
	}))
}

// baseWith pushes a base image whose /v has a text, with steps for those that build upon it.
func (s *sample) baseWith(reference, text string, onbuild ...string) {
	s.t.Helper()
	image := s.pull(s.base())
	more, err := registry.Image(map[string][]byte{"v": []byte(text)})
	s.must(err)
	layers, err := more.Layers()
	s.must(err)
	image, err = mutate.AppendLayers(image, layers...)
	s.must(err)
	file, err := image.ConfigFile()
	s.must(err)
	config := file.Config
	config.OnBuild = onbuild
	image, err = mutate.Config(image, config)
	s.must(err)
	_, err = registry.Push(s.t.Context(), s.registry.Addr()+"/"+example.Owner+"/"+reference, image, "dev", s.registryToken)
	s.must(err)
}
