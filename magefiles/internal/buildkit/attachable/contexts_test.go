package attachable

import (
	"testing"
	"time"
)

// TestEverySourceHasAKeyOfItsOwn, and the same one each time: under one key a daemon replaces the files of one by those of another.
func TestEverySourceHasAKeyOfItsOwn(t *testing.T) {
	taken := map[string]string{}
	for _, node := range []string{"", "n", "np"} {
		for _, project := range []string{"", "p", "acme/shop"} {
			for _, dir := range []string{"/", "/a", "p/a"} {
				for _, epoch := range []time.Time{{}, time.Unix(1, 0)} {
					src, of := Source{Node: node, Project: project}, ServedDir{Dir: dir, Epoch: epoch}
					key, name := src.sharedKey(of), node+"|"+project+"|"+dir+"|"+epoch.String()
					if other, ok := taken[key]; ok {
						t.Errorf("%s and %s share a key", other, name)
					}
					if taken[key] = name; src.sharedKey(of) != key {
						t.Errorf("%s has another key each time", name)
					}
				}
			}
		}
	}
}
