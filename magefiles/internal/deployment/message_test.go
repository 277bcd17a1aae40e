package deployment

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// shown is the excerpt of a tag.
func shown(tag string) values.Excerpt {
	_, now := values.Excerpts("", "", tag, tag)
	return now
}

func TestTable(t *testing.T) {
	change := func(file, component, path, from, to string) FileChange {
		old, now := values.Excerpts(path, from, to, to)
		return FileChange{File: file, Component: component, Path: path, Old: old, New: now}
	}
	for name, test := range map[string]struct {
		changes []FileChange
		want    string
	}{
		"columns": {
			[]FileChange{change("f", "core", ".core.tag", "core-1", "core-2"), change("f", "monitor", ".monitor.tag", "monitor-1", "monitor-2")},
			"core     core-1    -> core-2\nmonitor  monitor-1 -> monitor-2\n",
		},
		"several values of a component": {
			[]FileChange{change("f", "core", ".core.tag", "1", "2"), change("f", "core", ".core.name", "a", "b"), change("f", "web", ".web.tag", "3", "4")},
			"core .core.tag   1 -> 2\ncore .core.name  a -> b\nweb              3 -> 4\n",
		},
		"several files": {
			[]FileChange{change("f", "core", ".tag", "1", "2"), change("g", "core", ".tag", "1", "2")},
			"f\ncore  1 -> 2\n\ng\ncore  1 -> 2\n",
		},
		"values that are no tag": {
			[]FileChange{change("f", "core", ".tag", "", "2"), change("f", "web", ".tag", "a\nb", "2")},
			"core  \"\"             -> 2\nweb   (3 characters) -> 2\n",
		},
		"wide characters": {
			[]FileChange{change("f", "코어", ".tag", "12", "2"), change("f", "web", ".tag", "1234", "2")},
			"코어   12   -> 2\nweb  1234 -> 2\n",
		},
		"a path that breaks a line": {
			[]FileChange{change("f", "core", "a\nAstrago-Image: x", "1", "2"), change("f", "core", "b", "1", "2")},
			"core \"a\\nAstrago-Image: x\"  1 -> 2\ncore b                      1 -> 2\n",
		},
		"places of an anchor": {
			[]FileChange{{File: "f", Component: "core", Path: ".tag", Old: shown("1"), New: shown("2"), Shared: []string{".a.tag (line 3)", ".b.tag (line 9)"}}},
			"core  1 -> 2\n  and .a.tag (line 3)\n  and .b.tag (line 9)\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := table(test.changes); got != test.want {
				t.Errorf("\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestImageRepository(t *testing.T) {
	for ref, want := range map[string]string{
		"ghcr.io/acme/shop:core-1":   "ghcr.io/acme/shop",
		"localhost:5000/shop:core-1": "localhost:5000/shop",
		"localhost:5000/shop":        "localhost:5000/shop",
	} {
		if got := (Image{Ref: ref}).repository(); got != want {
			t.Errorf("%q of %q, want %q", got, ref, want)
		}
	}
}
