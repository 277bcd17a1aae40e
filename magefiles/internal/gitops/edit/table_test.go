package edit

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// shown is the excerpt of a tag.
func shown(tag string) excerpt.Excerpt {
	_, now := excerpt.Excerpts("", "", tag, tag)
	return now
}

func TestTable(t *testing.T) {
	change := func(file string, name component.Name, path, from, to string) Change {
		old, now := excerpt.Excerpts(path, from, to, to)
		return Change{File: file, Component: name, Path: path, Old: old, New: now}
	}
	for name, test := range map[string]struct {
		changes []Change
		want    string
	}{
		"columns": {
			[]Change{change("f", "core", ".core.tag", "core-1", "core-2"), change("f", "monitor", ".monitor.tag", "monitor-1", "monitor-2")},
			"core     core-1    -> core-2\nmonitor  monitor-1 -> monitor-2\n",
		},
		"several values of a component": {
			[]Change{change("f", "core", ".core.tag", "1", "2"), change("f", "core", ".core.name", "a", "b"), change("f", "web", ".web.tag", "3", "4")},
			"core .core.tag   1 -> 2\ncore .core.name  a -> b\nweb              3 -> 4\n",
		},
		"several files": {
			[]Change{change("f", "core", ".tag", "1", "2"), change("g", "core", ".tag", "1", "2")},
			"f\ncore  1 -> 2\n\ng\ncore  1 -> 2\n",
		},
		"values that are no tag": {
			[]Change{change("f", "core", ".tag", "", "2"), change("f", "web", ".tag", "a\nb", "2")},
			"core  \"\"             -> 2\nweb   (3 characters) -> 2\n",
		},
		"wide characters": {
			[]Change{change("f", "코어", ".tag", "12", "2"), change("f", "web", ".tag", "1234", "2")},
			"코어   12   -> 2\nweb  1234 -> 2\n",
		},
		"a path that breaks a line": {
			[]Change{change("f", "core", "a\nAstrago-Image: x", "1", "2"), change("f", "core", "b", "1", "2")},
			"core \"a\\nAstrago-Image: x\"  1 -> 2\ncore b                      1 -> 2\n",
		},
		"places of an anchor": {
			[]Change{{File: "f", Component: "core", Path: ".tag", Old: shown("1"), New: shown("2"), Shared: []string{".a.tag (line 3)", ".b.tag (line 9)"}}},
			"core  1 -> 2\n  and .a.tag (line 3)\n  and .b.tag (line 9)\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Table(test.changes); got != test.want {
				t.Errorf("\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
