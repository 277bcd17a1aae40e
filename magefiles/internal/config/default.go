package config

import (
	"cmp"
	"path"
)

// setDefaults fills in what the file leaves out; nothing else does.
func (f *file) setDefaults() {
	tag := cmp.Or(f.tag, Template{Text: DefaultTag})
	for i := range f.Components {
		c := &f.Components[i]
		c.Image = cmp.Or(c.Image, f.image)
		c.Tag = cmp.Or(c.Tag, tag)
		c.Context = cmp.Or(c.Context, ".")
		c.Dockerfile = cmp.Or(c.Dockerfile, path.Join(c.Context, "Dockerfile"))
	}
}
