package hold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Kept records that a commit of the application has the image that a value names by the tag of an earlier one: its release has left the
// value alone (config.UnchangedKeep). By the value alone, an older build could not be distinguished from a newer one. It stands beside the
// holds, and stays true whatever becomes of the value: a rollback or a revert to the tag finds it again.
type Kept struct {
	Component component.Name `yaml:"component"`
	Tag       string         `yaml:"tag"`
	Digest    digest.Digest  `yaml:"digest"`
	Source    commitid.ID    `yaml:"source"` // the commit that was released last with this image, whole
}

// check refuses a record that says nothing.
func (k Kept) check() error {
	if k.Component == "" || k.Tag == "" || !k.Source.IsValid() {
		return errors.New("a kept tag lacks its component, its tag or its commit")
	}
	if k.Digest != "" && k.Digest.Validate() != nil {
		return fmt.Errorf("the kept tag %q names the digest %q, which is not a digest", k.Tag, k.Digest)
	}
	return nil
}

// mostKept is the number of tags of one component that are kept.
const mostKept = 50

// PutKept adds records, each in place of the earlier one of its tag, and forgets a component's oldest.
func PutKept(all, records []Kept) []Kept {
	all = slices.Clone(all)
	for _, k := range records {
		all = slices.DeleteFunc(all, func(other Kept) bool { return other.Component == k.Component && other.Tag == k.Tag })
		all = append(all, k)
		isOf := func(other Kept) bool { return other.Component == k.Component }
		if n := len(all) - len(slices.DeleteFunc(slices.Clone(all), isOf)); n > mostKept {
			oldest := slices.IndexFunc(all, isOf)
			all = slices.Delete(all, oldest, oldest+1)
		}
	}
	return all
}
