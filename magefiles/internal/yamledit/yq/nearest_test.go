package yq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

const shop = "shop:\n  core: {image: {repository: r, tag: t}}\n  batch: {image: {repository: r, tag: t}}\n" +
	"flat.key: f\nlist: [{name: n}]\nport: 80\n"

// TestAPathWithOneMistakeIsNearestToItself leaves out, doubles, swaps and changes the case of each character of each key of a
// path.
func TestAPathWithOneMistakeIsNearestToItself(t *testing.T) {
	for _, path := range []string{"shop.core.image.repository", "shop.batch.image.repository", "shop.batch.image.tag", "shop.core.image.tag"} {
		for i := range len(path) {
			if path[i] == '.' {
				continue
			}
			for _, mistake := range []string{
				path[:i] + path[i+1:], path[:i+1] + path[i:], path[:i] + "x" + path[i+1:], path[:i] + strings.ToUpper(path[i:i+1]) + path[i+1:],
			} {
				root := tree(t, shop)
				near := yq.Nearest(wanted(t, root, "."+mistake))
				if near == nil || yq.Shown(near) != "."+path {
					t.Errorf("nearest to .%s is %+v, want .%s", mistake, near, path)
				}
			}
		}
	}
}

// TestNearestFindsStringsThatAreThere has paths that were moved, were split or are nowhere.
func TestNearestFindsStringsThatAreThere(t *testing.T) {
	for path, want := range map[string]string{
		".core.image.tag":              ".shop.core.image.tag",
		".shop.batch.tag":              ".shop.batch.image.tag",
		".values.shop.batch.image.tag": ".shop.batch.image.tag",
		".flat.key":                    `.["flat.key"]`,
		".list[1].name":                ".list[0].name",
		".prt":                         "", // a number
		".port":                        "",
		".SHOP.CORE.IMAGE.TAG":         ".shop.core.image.tag",
		".unrelated":                   "",
		".x.y.z":                       "",
		".one.two.three.tag":           "", // more than half
	} {
		root, got := tree(t, shop), ""
		if near := yq.Nearest(wanted(t, root, path)); near != nil {
			got = yq.Shown(near)
		}
		if got != want {
			t.Errorf("nearest to %s is %q, want %q", path, got, want)
		}
	}
}

// TestAKeyThatWasJustMadeIsNotTheNearest looks from a key that an evaluation has made with a value.
func TestAKeyThatWasJustMadeIsNotTheNearest(t *testing.T) {
	root := tree(t, shop)
	if _, err := evaluate(root, parse(t, `.shop.core.image.tga = "x"`)); err != nil {
		t.Fatal(err)
	}
	if near := yq.Nearest(wanted(t, root, ".shop.core.image.tga")); near == nil || yq.Shown(near) != ".shop.core.image.tag" {
		t.Errorf("got %+v", near)
	}
}

// TestASearchForTheNearestEnds finds what stands early in a large file, and gives up behind many others.
func TestASearchForTheNearestEnds(t *testing.T) {
	for n, want := range map[int]bool{19999: true, 20000: false} {
		root := tree(t, "many: ["+strings.Repeat("x,", n)+"]\nimage: {tag: t}\n")
		if near := yq.Nearest(wanted(t, root, ".image.tga")); (near != nil) != want {
			t.Errorf("behind %d others: %v", n, fmt.Sprint(near))
		}
	}
}
