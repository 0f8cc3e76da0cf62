// Package all lists every detector: the one place that names them all.
package all

import (
	"flightpoll/detectors"
	"flightpoll/detectors/contracts"
	"flightpoll/detectors/environment"
	"flightpoll/detectors/observability"
	"flightpoll/detectors/review"
	"flightpoll/detectors/scripts"
)

// Detectors is the list, in the order of the poll.
var Detectors = []*detectors.Detector{
	contracts.StaleConsumer,
	contracts.StaleMock,
	contracts.StaleGoMock,
	contracts.SerialisedName,
	contracts.OptionalField,
	contracts.GoAPI,
	contracts.RustAPI,
	contracts.PythonAPI,
	contracts.TypeScriptAPI,
	contracts.StalePatch,
	contracts.OpenAPIBreaking,
	contracts.RouteRemoved,
	contracts.MemberRemoved,
	contracts.ParameterRenamed,
	contracts.RPCRemoved,
	contracts.StaleTemplate,
	contracts.TopicRenamed,
	contracts.TaskArgument,
	contracts.StaleColumn,
	contracts.ErrorChanged,
	contracts.ConfigKeyRenamed,
	contracts.ValueRemoved,
	contracts.JSONSchemaBreaking,
	contracts.AvroBreaking,
	contracts.AsyncAPIBreaking,
	contracts.InvalidFixture,
	contracts.SpecDrift,
	contracts.ProtobufBreaking,
	contracts.GraphQLBreaking,
	contracts.StaleGraphQLDocument,
	contracts.StaleGenerated,
	contracts.CLIFlagRemoved,
	contracts.CLIOutputChanged,
	contracts.CIGateWeakened,
	contracts.MissingGate,
	contracts.MockedChange,
	contracts.UnvalidatedPayload,
	contracts.MassSnapshots,
	environment.UndeclaredVariable,
	environment.MissingInEnvironment,
	environment.SecretExposedToClient,
	environment.CrossEnvironmentValue,
	environment.UnknownFlag,
	scripts.UnguardedStatement,
	scripts.MissingRollback,
	scripts.UnscopedWrite,
	scripts.ConcurrentIndexInTransaction,
	scripts.NotNullWithoutDefault,
	scripts.EditedMigration,
	scripts.BlockingIndex,
	scripts.UnguardedShell,
	scripts.DroppedWhileInUse,
	scripts.ConflictingVersion,
	scripts.LiveModelInMigration,
	observability.BlindHandler,
	observability.SwallowedError,
	observability.UnboundedLabel,
	review.UndocumentedBehaviour,
	review.WeakenedTests,
	review.AIAuthorship,
}
