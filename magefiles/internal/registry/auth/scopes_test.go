package auth

import (
	"slices"
	"testing"
)

func TestScopes(t *testing.T) {
	for name, test := range map[string]struct {
		list      []string
		want      []string
		resources string
	}{
		"one":        {[]string{"repository:a/b:pull"}, []string{"repository:a/b:pull"}, "repository:a/b"},
		"joined":     {[]string{"repository:a/b:pull", "repository:a/b:push,pull"}, []string{"repository:a/b:pull,push"}, "repository:a/b"},
		"two":        {[]string{"repository:z/z:pull", "repository:a/b:pull"}, []string{"repository:a/b:pull", "repository:z/z:pull"}, "repository:a/b repository:z/z"},
		"port":       {[]string{"repository:host:5000/a:pull"}, []string{"repository:host:5000/a:pull"}, "repository:host:5000/a"},
		"none":       {nil, nil, ""},
		"unreadable": {[]string{"whatever"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := parseScopes(test.list)
			if got := s.list(); !slices.Equal(got, test.want) {
				t.Errorf("list %q, want %q", got, test.want)
			}
			if got := s.resourceKey(); got != test.resources {
				t.Errorf("resources %q, want %q", got, test.resources)
			}
		})
	}
}

func TestScopesCover(t *testing.T) {
	pull, push := parseScopes([]string{"repository:a:pull"}), parseScopes([]string{"repository:a:pull,push"})
	other := parseScopes([]string{"repository:b:pull"})
	for name, test := range map[string]struct {
		have, need scopes
		want       bool
	}{
		"more":    {push, pull, true},
		"less":    {pull, push, false},
		"other":   {push, other, false},
		"union":   {pull.union(other), other, true},
		"nothing": {nil, pull, false},
		"no need": {nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.have.covers(test.need); got != test.want {
				t.Errorf("covers = %v, want %v", got, test.want)
			}
		})
	}
	if pull.covers(push) {
		t.Error("with changed the scopes that it was called on")
	}
}
