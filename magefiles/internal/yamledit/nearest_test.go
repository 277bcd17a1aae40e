package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestNearestPath(t *testing.T) {
	doc := "global:\n  version: v1\nshop:\n  components:\n    core:\n      image: {name: core, tag: c1}\n    batch:\n      image: {name: batch, tag: b1}\n" +
		"items:\n  - name: a\n    tag: a1\n\"key.with.dots\":\n  tag: k1\n"
	for wanted, near := range map[string]string{
		".shop.components.cor.image.tag":         ".shop.components.core.image.tag",
		".shop.components.Core.Image.Tag":        ".shop.components.core.image.tag",
		".shop.component.batch.image.tag":        ".shop.components.batch.image.tag",
		".shop.batch.image.tag":                  ".shop.components.batch.image.tag", // moved down
		".shop.components.core.tag":              ".shop.components.core.image.tag",
		".values.shop.components.core.image.tag": ".shop.components.core.image.tag", // moved up
		".shop.components.core.image.imageTag":   ".shop.components.core.image.tag",
		".items[0].tagg":                         ".items[0].tag",
		".global.versoin":                        ".global.version",
		`.["key.with.dot"].tag`:                  `.["key.with.dots"].tag`,
		".unrelated.thing":                       "",
	} {
		_, err := yamledit.Apply([]byte(doc), wanted+` = "x"`)
		p := problem.As(err)
		if p == nil {
			t.Errorf("%s: %v", wanted, err)
			continue
		}
		if near == "" && strings.Contains(p.Remedy, "did you mean") || near != "" && !strings.Contains(p.Remedy, "did you mean "+near+" (line") {
			t.Errorf("%s: %s", wanted, p.Remedy)
		}
	}
}
