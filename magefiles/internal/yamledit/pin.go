package yamledit

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	yaml "go.yaml.in/yaml/v4"
)

// pinKey finds keys whose value may be the digest of an image: digest, imageDigest, sha, sha256.
var pinKey = regexp.MustCompile(`(?i)(?:digest|^sha|sha256)$`)

// digestPattern is a digest with or without its algorithm.
var digestPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[a-z0-9]+:)?[0-9a-f]{64,128}$`) })

// pins reports the digests that stand beside a target and that no expression sets.
func (c *comparison) pins() []Pin {
	set := map[*yaml.Node]bool{}
	for _, s := range c.settings {
		set[s.node] = true
	}
	var all []Pin
	for _, s := range c.settings {
		for _, n := range digestsBeside(s.where) {
			if set[n.value] || !digestPattern().MatchString(n.value.Value) {
				continue
			}
			set[n.value] = true // once
			path := s.to.GetNicePath()
			holder, _ := cutLast(path, n.up)
			all = append(all, Pin{
				Path: strings.TrimPrefix(holder+"."+n.key.Value, "."), Line: n.value.Line,
				Document: int(s.to.GetDocument()), Beside: path,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b Pin) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// neighbour is an entry of a map on the way to a scalar; up is the number of keys above the scalar's own.
type neighbour struct {
	key, value *yaml.Node
	up         int
}

// digestsBeside are the entries whose keys are those of a digest of the same image: in the scalar's own map, and in the map around
// it, named after it, as imageDigest beside image.
func digestsBeside(where nodePath) []neighbour {
	var all []neighbour
	for up := range min(2, len(where)) {
		s := where[len(where)-1-up]
		if s.key == nil {
			break
		}
		for i := 0; i+1 < len(s.collection.Content); i += 2 {
			key, value := s.collection.Content[i], s.collection.Content[i+1]
			named := up == 0 || strings.HasPrefix(key.Value, s.key.Value)
			if named && key != s.key && value.Kind == yaml.ScalarNode && pinKey.MatchString(key.Value) {
				all = append(all, neighbour{key, value, up})
			}
		}
	}
	return all
}

// cutLast is a path, as yq prints it, without its last key and as many more.
func cutLast(path string, more int) (string, bool) {
	for range more + 1 {
		dot := strings.LastIndexByte(path, '.')
		if dot < 0 {
			return "", false
		}
		path = path[:dot]
	}
	return path, true
}
