package auth

import (
	"maps"
	"slices"
	"strings"
)

// scopes are rights on resources as a token carries them: "repository:acme/shop" to pull and push (distribution's "Token
// Scope Documentation").
type scopes map[string]map[string]bool

// parseScopes joins what is written for the same resource: "r:pull" and "r:pull,push" are one "r:pull,push".
func parseScopes(list []string) scopes {
	s := scopes{}
	for _, scope := range list {
		at := strings.LastIndex(scope, ":")
		if at < 0 {
			continue
		}
		for action := range strings.SplitSeq(scope[at+1:], ",") {
			s.allow(scope[:at], action)
		}
	}
	return s
}

func (s scopes) allow(resource, action string) {
	if s[resource] == nil {
		s[resource] = map[string]bool{}
	}
	s[resource][action] = true
}

// union returns the union.
func (s scopes) union(other scopes) scopes {
	union := scopes{}
	for _, each := range []scopes{s, other} {
		for resource, actions := range each {
			for action := range actions {
				union.allow(resource, action)
			}
		}
	}
	return union
}

// covers reports whether every right of the other is in this one.
func (s scopes) covers(other scopes) bool {
	for resource, actions := range other {
		for action := range actions {
			if !s[resource][action] {
				return false
			}
		}
	}
	return true
}

// resourceKey names what the rights are on, in order: tokens are kept by it.
func (s scopes) resourceKey() string {
	return strings.Join(slices.Sorted(maps.Keys(s)), " ")
}

// list writes the scopes in their order, with the actions of each in theirs.
func (s scopes) list() []string {
	var list []string
	for _, resource := range slices.Sorted(maps.Keys(s)) {
		list = append(list, resource+":"+strings.Join(slices.Sorted(maps.Keys(s[resource])), ","))
	}
	return list
}
