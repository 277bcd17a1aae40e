package bump_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

const (
	ours  = "1111111111111111111111111111111111111111"
	older = "2222222222222222222222222222222222222222"
)

func TestSources(t *testing.T) {
	for name, test := range map[string]struct {
		repository string
		images     []bump.Image
		want       []string // trailers
		short      string
	}{
		"one commit":                  {"acme/shop", []bump.Image{{Component: "core"}, {Component: "web"}}, []string{"acme/shop@" + ours}, "11111111"},
		"no image":                    {"acme/shop", nil, []string{"acme/shop@" + ours}, "11111111"},
		"a repository without remote": {"", []bump.Image{{Component: "core"}}, []string{"shop@" + ours}, "11111111"},
		"all of an older commit":      {"acme/shop", []bump.Image{{Component: "core", SHA: older}}, []string{"acme/shop@" + older}, "22222222"},
		"several commits": {
			"acme/shop",
			[]bump.Image{{Component: "core", SHA: older}, {Component: "web"}, {Component: "job", SHA: older}},
			[]string{"acme/shop@" + older + " core job", "acme/shop@" + ours + " web"},
			"22222222, 11111111",
		},
	} {
		b := bump.Bump{Service: "shop", Source: git.Commit{SHA: ours, Repository: test.repository}, Images: test.images}
		if got := b.Sources().All(trailer.Source); !slices.Equal(got, test.want) || b.ShortSHA() != test.short {
			t.Errorf("%s: %q, %s", name, got, b.ShortSHA())
		}
	}
	unknown := bump.Bump{Service: "shop", Images: []bump.Image{{Component: "core"}}}
	if got := unknown.Sources().All(trailer.Source); !slices.Equal(got, []string{"shop"}) || unknown.ShortSHA() != "unknown" {
		t.Errorf("of a commit that nothing tells: %q, %s", got, unknown.ShortSHA())
	}
}

func TestIsOurs(t *testing.T) {
	b := bump.Bump{Service: "shop", Formerly: []string{"store", "acme/store"}, Source: git.Commit{Repository: "acme/shop"}}
	for _, test := range []struct {
		service, repository string
		want                bool
	}{
		{"shop", "acme/shop", true},
		{"", "acme/shop", true},
		{"Shop", "Acme/Shop", true},
		{"store", "acme/store", true},
		{"shop", "acme/store", true},
		{"other", "acme/shop", false},
		{"shop", "acme/other", false},
		{"", "", false},
	} {
		if got := b.IsOurs(test.service, test.repository); got != test.want {
			t.Errorf("%q of %q: %t", test.service, test.repository, got)
		}
	}
}

// FuzzSources reads back what a trailer says: one line a commit, with every component once.
func FuzzSources(f *testing.F) {
	f.Add("012")
	f.Add("0")
	f.Fuzz(func(t *testing.T, of string) {
		b := bump.Bump{Service: "shop", Source: git.Commit{SHA: ours, Repository: "acme/shop"}}
		for i, c := range []byte(of[:min(len(of), 20)]) {
			b.Images = append(b.Images, bump.Image{Component: component.Name("c" + strings.Repeat("x", i)), SHA: commitid.ID(strings.Repeat(string('a'+rune(c%3)), 40))})
		}
		named := map[component.Name]int{}
		sources := b.Sources().All(trailer.Source)
		for _, source := range sources {
			words := strings.Fields(source)
			for _, word := range words[1:] {
				name := component.Name(word)
				named[name]++
				if want := "acme/shop@" + b.SHA(name); commitid.ID(words[0]) != want {
					t.Errorf("%s is of %s, want %s", name, words[0], want)
				}
			}
		}
		for _, image := range b.Images {
			if len(sources) > 1 && named[image.Component] != 1 {
				t.Errorf("%s is named %d times", image.Component, named[image.Component])
			}
		}
	})
}
