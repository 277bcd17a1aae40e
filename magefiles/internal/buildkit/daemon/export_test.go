package daemon

// What tests need of registries' settings.
var (
	RegistriesSum = registriesSum
	InContainer   = inContainer
	ArchiveOf     = archiveOf
	WithoutPairs  = withoutPairs
)
