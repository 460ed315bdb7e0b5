// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Every attribute of the module, set while a simulation runs: it acts, or it is refused in a line
 * that says so. With CELLFREE_ISAC_PRINT_ATTRIBUTES in the environment the table is printed.
 */

#include "../cell-free-test-scenario.h"
#include "cell-free-test-bler-table.h"

#include "ns3/boolean.h"
#include "ns3/box.h"
#include "ns3/cell-free-adaptive-sensing.h"
#include "ns3/cell-free-combining.h"
#include "ns3/cell-free-covariance-intersection.h"
#include "ns3/cell-free-estimator.h"
#include "ns3/cell-free-file-fading.h"
#include "ns3/cell-free-file-traffic.h"
#include "ns3/cell-free-multi-target-tracker.h"
#include "ns3/cell-free-pilot-csi.h"
#include "ns3/cell-free-plugin-policy.h"
#include "ns3/cell-free-sensing-report-helper.h"
#include "ns3/cell-free-sensing-reporter.h"
#include "ns3/cell-free-sensing-roles.h"
#include "ns3/cell-free-sensing-server.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/cell-free-trace-writer.h"
#include "ns3/cell-free-track-scorer.h"
#include "ns3/cell-free-weight-control.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace ns3;

namespace
{

/// What a new value must do.
enum Effect
{
    TRACED, //!< change what the traces say afterwards
    SILENT, //!< nothing that a trace of this scenario shows
    REFUSED //!< abort
};

/// One attribute and what to set it to.
struct Trial
{
    std::string type;      //!< class that declares it
    std::string attribute; //!< name
    std::string value;     //!< another valid value; a class for pointers
    Effect effect;         //!< what it must do
};

/// All attributes of the module: the test fails on one that is missing here.
const std::vector<Trial> TRIALS{
    // SILENT where it takes longer than 60 ms, or other targets, to show: see their own tests.
    {"CellFreeAdaptiveSensing", "TrackPeriod", "+20ms", TRACED},
    {"CellFreeAdaptiveSensing", "MaxTrackError", "2", SILENT},
    {"CellFreeAdaptiveSensing", "MaxAims", "7", TRACED},
    {"CellFreeAdaptiveSensing", "LostAims", "5", SILENT},
    {"CellFreeAdaptiveSensing", "Search", "GoldenRatio", REFUSED},
    {"CellFreeAdaptiveSensing", "SearchBox", "0|1|0|1|0|1", REFUSED},
    {"CellFreeAdaptiveSensing", "SearchSpacing", "7", REFUSED},
    {"CellFreeAdaptiveSensing", "SearchPeriod", "+70ms", REFUSED},
    {"CellFreeAdaptiveSensing", "SearchDuration", "+5ms", REFUSED},
    {"CellFreeAdaptiveSensing", "SearchAims", "2", SILENT},
    {"CellFreeAp", "TxPower", "3", TRACED},
    {"CellFreeAp", "Array", "ns3::UniformPlanarArray", REFUSED},
    {"CellFreeAp", "EchoArray", "ns3::UniformPlanarArray", REFUSED},
    {"CellFreeAp", "SelfInterference", "30", TRACED},
    {"CellFreeBlerTable", "File", "another.json", REFUSED},
    {"CellFreeBoundEstimator", "BandwidthFactor", "0.5", TRACED},
    {"CellFreeBoundEstimator", "UseAngles", "false", TRACED},
    {"CellFreeBoundEstimator", "UseDoppler", "false", TRACED},
    {"CellFreeBoundEstimator", "VelocityPrior", "100", TRACED},
    {"CellFreeBoundEstimator", "ClockError", "1e-8", TRACED},
    {"CellFreeBoundEstimator", "Outliers", "false", SILENT},
    {"CellFreeChannelModel", "Frequency", "3e9", TRACED},
    {"CellFreeChannelModel", "Bandwidth", "1e7", TRACED},
    {"CellFreeChannelModel", "UeNoiseFigure", "30", TRACED},
    {"CellFreeChannelModel", "ApNoiseFigure", "30", TRACED},
    {"CellFreeChannelModel", "MinDistance", "900", TRACED},
    {"CellFreeChannelModel", "MaxRange", "100", TRACED},
    {"CellFreeChannelModel", "MinLinkSnr", "20", TRACED},
    {"CellFreeChannelModel", "Subbands", "2", REFUSED},
    {"CellFreeChannelModel", "LargeScaleUpdatePeriod", "+1ms", TRACED},
    {"CellFreeChannelModel", "LargeScale", "ns3::CellFreeThreeGppLargeScale", TRACED},
    {"CellFreeChannelModel", "Fading", "ns3::CellFreeRayleighFading", TRACED},
    {"CellFreeChannelModel", "RadarModel", "ns3::CellFreeRadarModel", TRACED},
    {"CellFreeChannelModel", "HopCondition", "ns3::NeverLosChannelConditionModel", TRACED},
    {"CellFreeChannelModel", "HopLoss", "ns3::CellFreeThreeGppLargeScale", TRACED},
    {"CellFreeChannelModel", "ClutterToNoise", "30", TRACED},
    {"CellFreeChannelModel", "ClutterImprovement", "20", TRACED},
    {"CellFreeClosedLoopWeight", "Pd", "0.8", TRACED},
    {"CellFreeClosedLoopWeight", "TrackError", "3", SILENT},
    {"CellFreeClosedLoopWeight", "Hold", "EachDwell", SILENT},
    {"CellFreeClosedLoopWeight", "MinWeight", "0.1", SILENT},
    {"CellFreeClosedLoopWeight", "MaxWeight", "5", TRACED},
    {"CellFreeClosedLoopWeight", "MaxStep", "6", TRACED},
    {"CellFreeClosedLoopWeight", "AveragingLooks", "50", SILENT},
    {"CellFreeClosedLoopWeight", "Memory", "+1s", SILENT},
    {"CellFreeConjugatePolicy", "PowerSharing", "norm", TRACED},
    {"CellFreeCovarianceIntersection", "GateProbability", "0.9", SILENT},
    {"CellFreeCovarianceIntersection", "AccelerationNoise", "5", SILENT},
    {"CellFreeCpu", "Mac", "ns3::CellFreeMac", REFUSED},
    {"CellFreeCpu", "Policy", "ns3::CellFreeConjugatePolicy", REFUSED},
    {"CellFreeCpu", "DownlinkScheduler", "ns3::CellFreeRoundRobinScheduler", REFUSED},
    {"CellFreeCpu", "UplinkScheduler", "ns3::CellFreeRoundRobinScheduler", REFUSED},
    {"CellFreeCpu", "Clustering", "ns3::CellFreeAllServe", REFUSED},
    {"CellFreeCpu", "Csi", "ns3::CellFreePerfectCsi", REFUSED},
    {"CellFreeCpu", "LinkAdaptation", "ns3::CellFreeOuterLoopAdaptation", REFUSED},
    {"CellFreeCpu", "Combining", "ns3::CellFreeMaximumRatio", REFUSED},
    {"CellFreeCpu", "Fronthaul", "ns3::CellFreeIdealFronthaul", REFUSED},
    {"CellFreeCpu", "Sensing", "ns3::CellFreeSensing", REFUSED},
    {"CellFreeCpu", "SensingWeight", "100", TRACED},
    {"CellFreeCpu", "WeighCombinedSnr", "false", TRACED},
    {"CellFreeCpu", "DecisionDelay", "3", TRACED},
    {"CellFreeCpu", "BeamUpdatePeriod", "4", TRACED},
    {"CellFreeCpu", "TargetsTakeStreams", "true", TRACED},
    {"CellFreeDeadlineScheduler", "DelayBudget", "+1ms", SILENT},
    {"CellFreeDeadlineScheduler", "PriorityBudgets", "1:10", SILENT},
    {"CellFreeCpu", "BufferStatusDelay", "9", TRACED},
    {"CellFreeCpu", "GrantDelay", "2", REFUSED},
    {"CellFreeCqiAdaptation", "ReportPeriod", "40", TRACED},
    {"CellFreeCqiAdaptation", "ReportDelay", "20", TRACED},
    {"CellFreeDetector", "Pfa", "0.1", TRACED},
    {"CellFreeDetector", "Intervals", "5", TRACED},
    {"CellFreeDetector", "ReferenceCells", "8", TRACED},
    {"CellFreeEnergyModel", "AntennaPower", "7", TRACED},
    {"CellFreeEnergyModel", "AmplifierSlope", "5", TRACED},
    {"CellFreeEnergyModel", "OnuPower", "8", TRACED},
    {"CellFreeEnergyModel", "OltPower", "30", TRACED},
    {"CellFreeEnergyModel", "DispatcherPower", "130", TRACED},
    {"CellFreeEnergyModel", "CoolingEfficiency", "0.8", TRACED},
    {"CellFreeEnergyModel", "ProcessorIdlePower", "30", TRACED},
    {"CellFreeEnergyModel", "ProcessorSlope", "80", TRACED},
    {"CellFreeEnergyModel", "ProcessorGops", "170", TRACED},
    {"CellFreeEnergyModel", "Split", "Split8", TRACED},
    {"CellFreeEnergyModel", "WavelengthRate", "1Mb/s", TRACED},
    {"CellFreeEnergyModel", "QuantisationBits", "16", TRACED},
    {"CellFreeEnergyModel", "CoherenceBlock", "100", TRACED},
    {"CellFreeEnergyModel", "PilotLength", "4", TRACED},
    {"CellFreeEnergyModel", "Sleep", "true", SILENT},
    {"CellFreeEnergyModel", "SleepPower", "3", SILENT},
    {"CellFreeEnergyModel", "Interval", "+10ms", REFUSED},
    {"CellFreeFadingModel", "CoherenceTime", "+1ms", TRACED},
    {"CellFreeFadingModel", "ScattererSpeed", "50", TRACED},
    {"CellFreeFileFading", "File", "other.h5", REFUSED},
    {"CellFreeFileFading", "PositionTolerance", "2", SILENT},
    {"CellFreeFileTraffic", "FileSize", "3000", TRACED},
    {"CellFreeFileTraffic", "ArrivalRate", "1000", TRACED},
    {"CellFreeErrorModel", "McsTable", "64QAM", REFUSED},
    {"CellFreeErrorModel", "BlockSizes", "Unquantised", TRACED},
    {"CellFreeErrorModel", "EffectiveSinr", "MeanCapacity", SILENT},
    {"CellFreeFiniteLengthErrorModel", "ImplementationGap", "9", TRACED},
    {"CellFreeFiniteLengthErrorModel", "McsGaps", "5g-lena", TRACED},
    {"CellFreeFlowTrace", "LossDelay", "+5s", SILENT},
    {"CellFreeFlowTrace", "DelayBinWidth", "+1ms", REFUSED},
    {"CellFreeFrame", "SlotDuration", "+1ms", REFUSED},
    {"CellFreeFrame", "Pattern", "DU", REFUSED},
    {"CellFreeFrame", "ResourceBlocks", "10", REFUSED},
    {"CellFreeFrame", "DataSymbols", "9", REFUSED},
    {"CellFreeFrame", "SpecialSlot", "6:4:4", REFUSED},
    {"CellFreeFrame", "PilotSymbols", "2", REFUSED},
    {"CellFreeFrame", "GuardSymbols", "1", REFUSED},
    {"CellFreeFrame", "SensingSymbols", "2", REFUSED},
    {"CellFreeEstimatePolicy", "IgnoreErrors", "true", SILENT},
    {"CellFreeGnnPolicy", "WeightFile", "", SILENT},
    {"CellFreeGnnPolicy", "RefineIterations", "5", TRACED},
    {"CellFreeJscPolicy", "MinSinr", "50", TRACED},
    {"CellFreeJscPolicy", "Tolerance", "0.05", TRACED},
    {"CellFreeJscPolicy", "MaxIterations", "2001", SILENT},
    {"CellFreeLimitedFronthaul", "Rate", "1Mb/s", TRACED},
    {"CellFreeLimitedFronthaul", "Delay", "+1ms", TRACED},
    {"CellFreeLimitedFronthaul", "Split", "Split8", TRACED},
    {"CellFreeLimitedFronthaul", "MantissaBits", "16", TRACED},
    {"CellFreeLimitedFronthaul", "WeightBits", "16", SILENT},
    {"CellFreeLimitedFronthaul", "SampleBits", "20", SILENT},
    {"CellFreeLimitedFronthaul", "SamplingRate", "1e8", SILENT},
    {"CellFreeLimitedFronthaul", "PayloadBytes", "128", TRACED},
    {"CellFreeLink", "ChannelModel", "ns3::CellFreeChannelModel", REFUSED},
    {"CellFreeLink", "Frame", "ns3::CellFreeFrame", REFUSED},
    {"CellFreeLink", "ErrorModel", "ns3::CellFreeFiniteLengthErrorModel", REFUSED},
    {"CellFreeLink", "MaxStreams", "1", TRACED},
    {"CellFreeLink", "MaxUplinkStreams", "1", TRACED},
    {"CellFreeLink", "ApTransmitEvm", "0.3", TRACED},
    {"CellFreeLink", "ApReceiveEvm", "0.3", TRACED},
    {"CellFreeLink", "UeTransmitEvm", "0.3", TRACED},
    {"CellFreeLink", "UeReceiveEvm", "0.3", TRACED},
    {"CellFreeLocalMmse", "Lsfd", "false", TRACED},
    {"CellFreeLocalMmse", "LsfdMemory", "1", TRACED},
    {"CellFreeMac", "MaxQueueBytes", "2500", TRACED},
    {"CellFreeMac", "MaxTransmissions", "1", TRACED},
    {"CellFreeMac", "FeedbackSlots", "32", TRACED},
    {"CellFreeMac", "SegmentHeader", "60", TRACED},
    {"CellFreeMac", "HarqProcesses", "1", TRACED},
    {"CellFreeMac", "Combining", "IncrementalRedundancy", SILENT},
    {"CellFreeMac", "Arq", "true", SILENT},
    {"CellFreeMac", "MaxArqRetransmissions", "3", SILENT},
    {"CellFreeMac", "PriorityMap", "46:0", SILENT},
    {"CellFreeMapWriter", "PositionInterval", "+2ms", SILENT},
    {"CellFreeMapWriter", "BeamInterval", "+2ms", SILENT},
    {"CellFreeMapWriter", "AngleStep", "45", SILENT},
    {"CellFreeMultiTargetTracker", "Association", "Jpda", TRACED},
    {"CellFreeMultiTargetTracker", "GateProbability", "0.9", SILENT},
    {"CellFreeMultiTargetTracker", "MotionModel", "CoordinatedTurn", TRACED},
    {"CellFreeMultiTargetTracker", "AccelerationNoise", "3", TRACED},
    {"CellFreeMultiTargetTracker", "TurnRate", "0.2", SILENT},
    {"CellFreeMultiTargetTracker", "TurnDuration", "+2s", SILENT},
    {"CellFreeMultiTargetTracker", "StraightDuration", "+3s", SILENT},
    {"CellFreeMultiTargetTracker", "InitiationHits", "2", SILENT},
    {"CellFreeMultiTargetTracker", "InitiationLooks", "4", SILENT},
    {"CellFreeMultiTargetTracker", "TentativeLifetime", "+1s", SILENT},
    {"CellFreeMultiTargetTracker", "MaxMisses", "4", SILENT},
    {"CellFreeMultiTargetTracker", "MaxError", "20", TRACED},
    {"CellFreeMultiTargetTracker", "MaxSpeed", "30", TRACED},
    {"CellFreeMultiTargetTracker", "NewTargetDensity", "1e-12", SILENT},
    {"CellFreeMultiTargetTracker", "MergeDwells", "9", SILENT},
    {"CellFreeMultiTargetTracker", "MaxTracks", "7", TRACED},
    {"CellFreeNetDevice", "Mtu", "900", SILENT},
    {"CellFreeNsRzfPolicy", "CommPowerRatio", "0.1", TRACED},
    {"CellFreeOuterLoopAdaptation", "TargetBler", "0.4", TRACED},
    {"CellFreeOuterLoopAdaptation", "OuterLoopStep", "4", TRACED},
    {"CellFreeOuterLoopAdaptation", "MinMargin", "0", TRACED},
    {"CellFreeOuterLoopAdaptation", "MaxMargin", "0", TRACED},
    {"CellFreePeriodicClustering", "UpdatePeriod", "+50ms", SILENT}, // acts too late to show
    {"CellFreePeriodicClustering", "Hysteresis", "30", SILENT},      // acts too late to show
    {"CellFreePeriodicSensing", "DwellDuration", "+3ms", REFUSED},
    {"CellFreePeriodicSensing", "DwellInterval", "+30ms", REFUSED},
    {"CellFreePilotCsi", "PilotLength", "3", REFUSED},
    {"CellFreePilotCsi", "PilotPower", "-30", TRACED},
    {"CellFreePilotCsi", "Assignment", "Random", REFUSED},
    {"CellFreePilotCsi", "SoundingPeriod", "7", TRACED},
    {"CellFreePilotCsi", "PhaseError", "60", TRACED},
    {"CellFreePilotCsi", "TimingError", "100", SILENT}, // one sub-band has no ramp
    {"CellFreePilotCsi", "ReciprocityError", "0.5", TRACED},
    {"CellFreePilotCsi", "TargetAngleError", "30", TRACED},
    {"CellFreePilotCsi", "TargetAnglePeriod", "+1ms", REFUSED},
    {"CellFreePooledDetector", "Looks", "Pairs", TRACED},
    {"CellFreePropagationLossChain",
     "PropagationLoss",
     "ns3::FriisPropagationLossModel[Frequency=3.5e9]",
     TRACED},
    {"CellFreeProportionalFairScheduler", "TimeConstant", "+1ms", TRACED},
    {"CellFreeProportionalFairScheduler", "MinAverage", "1e9", TRACED},
    {"CellFreeQueueTraffic", "Device", "ns3::CellFreeUeNetDevice", REFUSED},
    {"CellFreeQueueTraffic", "Remote", "03-06-00:00:00:00:00:01", REFUSED},
    {"CellFreeQueueTraffic", "PacketSize", "700", TRACED},
    {"CellFreeQueueTraffic", "Level", "10000", TRACED},
    {"CellFreePropagationLossChain", "LineOfSight", "true", TRACED},
    // Files are opened anew: see their own tests.
    {"CellFreePythonPolicy", "Script", "another.py", SILENT},
    {"CellFreePythonPolicy", "Argument", "another", SILENT},
    {"CellFreeRadarModel", "Fluctuation", "Constant", TRACED},
    {"CellFreeRankingScheduler", "SemiOrthogonality", "0.01", TRACED},
    {"CellFreeRobustPolicy", "Objective", "promised", SILENT},
    {"CellFreeRzfPolicy", "Scaling", "common", TRACED},
    {"CellFreeEchoReceiver", "Estimator", "ns3::CellFreeBoundEstimator", SILENT}, // the same again
    {"CellFreeEchoReceiver", "Volume", "0|200|0|300|0|50", TRACED},
    {"CellFreeEchoReceiver", "Gate", "1:1:1", SILENT}, // with a tracker
    {"CellFreeEchoReceiver", "MaxSpeed", "80", TRACED},
    {"CellFreeSensing", "EchoReceiver", "ns3::CellFreeEchoReceiver", REFUSED},
    {"CellFreeSensing", "Tracker", "ns3::CellFreeMultiTargetTracker", REFUSED},
    {"CellFreeSensing", "Roles", "ns3::CellFreeSplitRoles", REFUSED},
    {"CellFreeSensing", "WeightControl", "ns3::CellFreeClosedLoopWeight", TRACED},
    {"CellFreeSensing", "ExpectedRcs", "5", TRACED},
    {"CellFreeSensing", "BeamWidening", "false", TRACED},
    {"CellFreeSensing", "Schedule", "ns3::CellFreePeriodicSensing", REFUSED},
    {"CellFreeSensing", "Detector", "ns3::CellFreeSingleLookDetector", TRACED},
    {"CellFreeSensing", "CoherentSymbols", "500", TRACED},
    {"CellFreeSensingReporter", "Remote", "03-06-00:00:00:00:00:01", REFUSED},
    {"CellFreeSensingReporter", "Dscp", "46", SILENT},
    {"CellFreeSensingReporter", "MaxPacketBytes", "300", TRACED},
    {"CellFreeSensingReporter", "IncludeDetections", "true", TRACED},
    {"CellFreeSensingReporter", "IncludeTentative", "true", TRACED},
    {"CellFreeSensingReporter", "Every", "2", TRACED},
    {"CellFreeSensingServer", "Port", "4001", REFUSED},
    {"CellFreeSensingServer", "MaxAge", "+1ms", TRACED},
    {"CellFreeSensingServer", "Fusion", "ns3::CellFreeCovarianceIntersection", SILENT},
    {"CellFreeSpatialFading", "DrawKFactor", "true", TRACED},
    {"CellFreeSpatialFading", "KFactor", "1", TRACED},
    {"CellFreeSpatialFading", "AngularSpread", "30", TRACED},
    {"CellFreeSpatialFading", "ElevationSpread", "10", TRACED},
    {"CellFreeSpatialFading", "Doppler", "GaussMarkov", TRACED},
    {"CellFreeSpatialFading", "Sinusoids", "20", TRACED},
    {"CellFreeSpatialFading", "DelaySpread", "1e-6", TRACED},
    {"CellFreeSpatialFading", "DelayProfile", "TDL-C", TRACED},
    {"CellFreeSpatialFading", "LosDelayProfile", "TDL-E", TRACED},
    {"CellFreeSplitPolicy", "CommPowerRatio", "0.1", TRACED},
    {"CellFreeSplitPolicy", "ZeroForcing", "true", TRACED},
    {"CellFreeSplitPolicy", "NullSpace", "true", TRACED},
    {"CellFreeSplitRoles", "ReceiverFraction", "0.25", TRACED},
    {"CellFreeSplitRoles", "Choice", "Fixed", TRACED},
    {"CellFreeStrongestAps", "Size", "3", REFUSED},
    {"CellFreeTarget", "Rcs", "0.001", TRACED},
    {"CellFreeTarget", "RcsModel", "ns3::CellFreeThreeGppRcs", TRACED},
    {"CellFreeTarget", "Heading", "90", SILENT}, // it is the same from all sides
    {"CellFreeTarget", "Unintended", "true", SILENT},
    {"CellFreeThreeGppLargeScale", "Scenario", "UMa", TRACED},
    {"CellFreeThreeGppLargeScale", "LineOfSight", "Never", TRACED},
    {"CellFreeThreeGppLargeScale", "Shadowing", "false", TRACED},
    {"CellFreeThreeGppRcs", "Class", "Vehicle", TRACED},
    {"CellFreeThreeGppRcs", "Spread", "false", TRACED},
    {"CellFreeThreeGppRcs", "RedrawPeriod", "+2ms", TRACED},
    {"CellFreeTorchPolicy", "ModelFile", "another.pt", SILENT},
    {"CellFreeTorchPolicy", "Device", "cuda", SILENT},
    {"CellFreeTorchPolicy", "SinglePrecision", "true", SILENT},
    {"CellFreeTorchPolicy", "Threads", "2", SILENT},
    {"CellFreeTraceWriter", "Flows", "false", REFUSED},
    {"CellFreeUeNetDevice", "TxPower", "-20", TRACED},
    {"CellFreeUeNetDevice", "PowerControl", "false", TRACED},
    {"CellFreeUeNetDevice", "NominalPower", "-105", TRACED},
    {"CellFreeUeNetDevice", "PathLossCompensation", "0.7", TRACED},
    {"CellFreeWmmsePolicy", "Start", "rzf", TRACED},
    {"CellFreeWmmsePolicy", "WarmStart", "true", TRACED},
    {"CellFreeWmmsePolicy", "Tolerance", "0.01", TRACED},
    {"CellFreeTrackScorer", "Cutoff", "5", SILENT},
    {"CellFreeTrackScorer", "Order", "1", SILENT},
    {"CellFreeWmmsePolicy", "MaxIterations", "2", TRACED},
};

/// Writes a channel file with one path of every link. @param path the file @param nAps its APs
/// @param nUes its UEs
void
WriteChannelFile(const std::string& path, uint64_t nAps, uint64_t nUes)
{
    auto file = cellfree::OpenArrayFile(path, true);
    file->SetText("format", "cellfree-isac-channel");
    file->SetNumber("version", 1);
    file->SetText("kind", "paths");
    file->SetNumber("frequency", 3.5e9);
    file->Create({"time", false, false, {0}}, "time", "s");
    file->Append("time", {0.0});
    const auto add = [&](const char* name, const char* unit, double first, double step) {
        file->Create({name, false, false, {0, nAps, nUes, 1}}, "time,ap,ue,path", unit);
        std::vector<double> row;
        for (uint64_t i = 0; i < nAps * nUes; ++i)
        {
            row.push_back(first + i * step);
        }
        file->Append(name, row);
    };
    add("delay", "s", 1e-7, 1e-8);
    add("gain", "1", 1e-10, 1e-11);
    add("phase", "rad", 0.0, 1.0);
    add("departureAzimuth", "rad", -3.0, 0.5);
    add("departureElevation", "rad", -0.1, 0.0);
    file->Close();
}

/// A running scenario with everything that has attributes, and what its traces say.
class Run
{
  public:
    /**
     * @brief Builds the scenario.
     * @param type class that must be part of it
     * @param blerTable file with a table of block error rates
     */
    Run(TypeId type, const std::string& blerTable)
        : m_directory(std::filesystem::temp_directory_path() /
                      ("cellfree-isac-attribute-" + std::to_string(getpid())))
    {
        CellFreeTestScenario::Options options;
        options.policy = "joint";
        const bool hasFiles = type == CellFreeQueueTraffic::GetTypeId() ||
                              type.IsChildOf(CellFreeQueueTraffic::GetTypeId());
        const bool isReporting = type == CellFreeCovarianceIntersection::GetTypeId() ||
                                 type == CellFreeSensingReporter::GetTypeId() ||
                                 type == CellFreeSensingServer::GetTypeId();
        const bool isTracking = type == CellFreeAdaptiveSensing::GetTypeId() ||
                                type == CellFreeEchoReceiver::GetTypeId() ||
                                type == CellFreeMultiTargetTracker::GetTypeId() ||
                                type == CellFreeSensing::GetTypeId() ||
                                type == CellFreeTrackScorer::GetTypeId();
        options.hasInternet = hasFiles || isReporting;
        options.areMoving = true;
        const auto channelFile = m_directory + ".h5";
        if (type == CellFreeFileFading::GetTypeId())
        {
            WriteChannelFile(channelFile, options.nAps, options.nUes);
        }
        options.configure = [type, blerTable, channelFile, isTracking](CellFreeIsacHelper& helper) {
            if (isTracking)
            {
                helper.SetTracker("ns3::CellFreeMultiTargetTracker");
                helper.SetEchoReceiver("ns3::CellFreeEchoReceiver",
                                       "Volume",
                                       BoxValue(Box(-500, 500, -500, 500, 0, 150)));
            }
            if (type == CellFreeClosedLoopWeight::GetTypeId())
            {
                helper.SetWeightControl(type.GetName());
            }
            if (type == CellFreeSplitRoles::GetTypeId())
            {
                helper.SetSensingRoles(type.GetName());
            }
            if (type == CellFreeBlerTable::GetTypeId())
            {
                helper.SetErrorModel(type.GetName(), "File", StringValue(blerTable));
            }
            if (type.IsChildOf(CellFreeBeamformingPolicy::GetTypeId()) && type.HasConstructor() &&
                !type.IsChildOf(CellFreePluginPolicy::GetTypeId()))
            {
                helper.SetPolicy(type.GetName());
            }
            if (type.IsChildOf(CellFreeScheduler::GetTypeId()) && type.HasConstructor())
            {
                helper.SetScheduler(type.GetName());
            }
            if (type.IsChildOf(CellFreeCombining::GetTypeId()) && type.HasConstructor())
            {
                helper.SetCombining(type.GetName());
            }
            if (type == CellFreeUeNetDevice::GetTypeId())
            {
                // Below TxPower, so that each of them matters.
                helper.SetUeAttribute("PowerControl", BooleanValue(true));
                helper.SetUeAttribute("NominalPower", DoubleValue(-95.0));
            }
            if (type == CellFreePilotCsi::GetTypeId())
            {
                helper.SetCsi(type.GetName());
            }
            if (type == CellFreePeriodicClustering::GetTypeId() ||
                type == CellFreeStrongestAps::GetTypeId())
            {
                helper.SetClustering("ns3::CellFreeStrongestAps", "Size", UintegerValue(2));
            }
            if (type == CellFreeThreeGppRcs::GetTypeId())
            {
                helper.SetTargetAttribute("RcsModel", StringValue(type.GetName()));
            }
            if (type == CellFreePropagationLossChain::GetTypeId())
            {
                helper.SetPropagationLoss(CreateObject<LogDistancePropagationLossModel>());
            }
            // As many streams as UEs, so that a target can take one.
            helper.SetLinkAttribute("MaxStreams", UintegerValue(3));
            if (type == CellFreePropagationLossChain::GetTypeId() ||
                type == CellFreeSpatialFading::GetTypeId())
            {
                helper.SetFading("ns3::CellFreeSpatialFading", "DrawKFactor", BooleanValue(false));
                helper.SetChannelAttribute("Subbands", UintegerValue(2));
            }
            if (type == CellFreeFileFading::GetTypeId())
            {
                helper.SetFading(type.GetName(), "File", StringValue(channelFile));
            }
            if (type == CellFreeLimitedFronthaul::GetTypeId())
            {
                // All streams just fit.
                helper.SetFronthaul(type.GetName(), "Rate", StringValue("1.5Gb/s"));
            }
            // So that a change shows within 50 ms; weak links, so that blocks fail.
            helper.SetChannelAttribute("LargeScaleUpdatePeriod", TimeValue(MilliSeconds(5)));
            helper.SetApAttribute("TxPower", DoubleValue(0.0));
            // So that there is something to improve.
            helper.SetChannelAttribute("ClutterToNoise", DoubleValue(0.0));
            helper.SetUeAttribute("TxPower", DoubleValue(0.0));
            const bool isAdaptive = type == CellFreeAdaptiveSensing::GetTypeId();
            helper.SetSensingSchedule(isAdaptive ? type.GetName() : "ns3::CellFreePeriodicSensing",
                                      "DwellDuration",
                                      TimeValue(MilliSeconds(5)),
                                      "DwellInterval",
                                      TimeValue(MilliSeconds(5)));
            const bool hasReports = type == CellFreeCqiAdaptation::GetTypeId();
            helper.SetLinkAdaptation(hasReports ? "ns3::CellFreeCqiAdaptation"
                                                : "ns3::CellFreeOuterLoopAdaptation",
                                     "OuterLoopStep",
                                     DoubleValue(1.0));
        };
        m_scenario.emplace(options);
        const auto& cpu = m_scenario->cpu;
        cpu->TraceConnectWithoutContext("UeSample", MakeCallback(&Run::OnSample, this));
        cpu->TraceConnectWithoutContext("Decision", MakeCallback(&Run::OnDecision, this));
        const auto sensing = cpu->GetSensing();
        sensing->TraceConnectWithoutContext("Dwell", MakeCallback(&Run::OnDwell, this));
        if (isTracking)
        {
            m_scorer = CreateObject<CellFreeTrackScorer>();
            m_scorer->Connect(m_scenario->link);
            m_scorer->TraceConnectWithoutContext("Score", MakeCallback(&Run::OnScore, this));
            Simulator::ScheduleNow(&Run::Announce, this);
        }
        m_scenario->helper.EnableEnergy("Interval", TimeValue(MilliSeconds(5)));
        cpu->GetObject<CellFreeEnergyModel>()->TraceConnectWithoutContext(
            "Energy",
            MakeCallback(&Run::OnEnergy, this));
        for (uint32_t u = 0; u < 3; ++u)
        {
            const auto gateway = m_scenario->all.Get(0);
            const auto device = m_scenario->GetUeDevice(u);
            const auto step = MicroSeconds(200);
            m_scenario->AddFrames(gateway, device, Seconds(0), Seconds(1), step);
            m_scenario->AddFrames(device, gateway, Seconds(0), Seconds(1), 3 * step);
        }
        if (hasFiles)
        {
            m_files = CreateObjectWithAttributes<CellFreeFileTraffic>(
                "Device",
                PointerValue(m_scenario->GetUeDevice(1)),
                "Remote",
                AddressValue(InetSocketAddress(m_scenario->addresses.GetAddress(2), 4000)),
                "ArrivalRate",
                DoubleValue(200.0));
            m_files->AssignStreams(1);
            m_scenario->node->AddApplication(m_files);
        }
        if (isReporting)
        {
            AddReports();
        }
        if (type.IsChildOf(CellFreePluginPolicy::GetTypeId()) && type.HasConstructor())
        {
            m_policy = ObjectFactory(type.GetName()).Create<CellFreeBeamformingPolicy>();
            m_policy->Initialize();
        }
        m_writer = m_scenario->helper.EnableTraces(m_directory, "");
        m_map = CreateObject<CellFreeMapWriter>();
        m_map->Open(m_directory, "second", m_scenario->link);
        m_notes.precision(17);
    }

    ~Run()
    {
        m_map->Close();
        m_scenario.reset();
        std::filesystem::remove_all(m_directory);
        std::filesystem::remove(m_directory + ".h5");
    }

    /// @return the object of a class that the run contains, or null. @param type the class
    Ptr<Object> Find(TypeId type) const
    {
        const auto& s = *m_scenario;
        PointerValue downlinkScheduler;
        s.cpu->GetAttribute("DownlinkScheduler", downlinkScheduler);
        PointerValue roles;
        s.cpu->GetSensing()->GetAttribute("Roles", roles);
        PointerValue control;
        s.cpu->GetSensing()->GetAttribute("WeightControl", control);
        PointerValue estimator;
        s.cpu->GetSensing()->GetEchoReceiver()->GetAttribute("Estimator", estimator);
        PointerValue combining;
        s.cpu->GetAttribute("Combining", combining);
        const auto target = s.targets.Get(0)->GetObject<CellFreeTarget>();
        std::vector<Ptr<Object>> objects{s.link,
                                         combining.GetObject(),
                                         s.channel,
                                         s.channel->GetLargeScale(),
                                         s.channel->GetFading(),
                                         s.channel->GetRadarModel(),
                                         s.aps.Get(0)->GetObject<CellFreeAp>(),
                                         target,
                                         target->GetRcsModel(),
                                         s.link->GetFrame(),
                                         s.link->GetErrorModel(),
                                         s.cpu,
                                         s.mac,
                                         s.cpu->GetPolicy(),
                                         downlinkScheduler.GetObject(),
                                         s.cpu->GetCsi(),
                                         s.cpu->GetClustering(),
                                         s.cpu->GetLinkAdaptation(),
                                         s.cpu->GetFronthaul(),
                                         s.cpu->GetObject<CellFreeEnergyModel>(),
                                         s.cpu->GetSensing(),
                                         s.cpu->GetSensing()->GetSchedule(),
                                         s.cpu->GetSensing()->GetDetector(),
                                         s.cpu->GetSensing()->GetEchoReceiver(),
                                         s.cpu->GetSensing()->GetTracker(),
                                         roles.GetObject(),
                                         control.GetObject(),
                                         estimator.GetObject(),
                                         m_scorer,
                                         s.GetUeDevice(0),
                                         m_writer,
                                         m_writer->GetFlowTrace(),
                                         m_map,
                                         m_files,
                                         m_policy,
                                         m_reporter,
                                         m_server,
                                         m_fusion};
        for (const auto& object : objects)
        {
            if (!object)
            {
                continue;
            }
            const auto instance = object->GetInstanceTypeId();
            if (instance == type || instance.IsChildOf(type))
            {
                return object;
            }
        }
        return nullptr;
    }

    /**
     * @brief Runs for 60 ms.
     * @param trial what to set at 10.1 ms, or null
     * @return what the traces said, or an empty string if the getter does not give the value back
     */
    std::string Simulate(const Trial* trial)
    {
        bool isSet = true;
        if (trial)
        {
            Simulator::Schedule(MicroSeconds(10100),
                                [this, trial, &isSet]() { isSet = Set(*trial); });
        }
        CellFreeTestScenario::Run(MilliSeconds(60));
        return isSet ? m_notes.str() : "";
    }

  private:
    /// Sets an attribute. @param trial which @return true if its getter gives the value back
    bool Set(const Trial& trial)
    {
        const auto object = Find(TypeId::LookupByName("ns3::" + trial.type));
        struct TypeId::AttributeInformation info;
        object->GetInstanceTypeId().LookupAttributeByName(trial.attribute, &info);
        if (DynamicCast<const PointerChecker>(info.checker))
        {
            ObjectFactory factory;
            std::istringstream(trial.value) >> factory;
            if (trial.attribute == "Array")
            {
                factory.Set("NumColumns", UintegerValue(4), "NumRows", UintegerValue(1));
            }
            const auto part = factory.Create<Object>();
            object->SetAttribute(trial.attribute, PointerValue(part));
            PointerValue value;
            object->GetAttribute(trial.attribute, value);
            return value.GetObject() == part;
        }
        object->SetAttribute(trial.attribute, StringValue(trial.value));
        if (!info.accessor->HasGetter())
        {
            return true;
        }
        const auto expected = info.checker->CreateValidValue(StringValue(trial.value));
        const auto value = info.checker->Create();
        object->GetAttribute(trial.attribute, *value);
        return value->SerializeToString(info.checker) == expected->SerializeToString(info.checker);
    }

    /// Adds a server, and what reports to it every 2 ms from 5 ms on.
    void AddReports()
    {
        const uint16_t port = 4000;
        const NodeContainer node(m_scenario->node);
        m_server = DynamicCast<CellFreeSensingServer>(
            CellFreeSensingServerHelper(port).Install(node).Get(0));
        m_fusion = CreateObject<CellFreeCovarianceIntersection>();
        m_server->SetAttribute("Fusion", PointerValue(m_fusion));
        m_server->TraceConnectWithoutContext("Report", MakeCallback(&Run::OnReport, this));
        const InetSocketAddress remote(Ipv4Address::GetLoopback(), port);
        m_reporter = DynamicCast<CellFreeSensingReporter>(
            CellFreeSensingReportHelper(remote).Install(node).Get(0));
        for (auto time = MilliSeconds(5); time < MilliSeconds(60); time += MilliSeconds(2))
        {
            Simulator::Schedule(time, [this]() {
                CellFreeScan scan;
                scan.end = Simulator::Now() - MilliSeconds(3);
                scan.detections.resize(1);
                CellFreeTrack track;
                track.status = CellFreeTrack::CONFIRMED;
                track.covariance.setIdentity();
                m_reporter->Report(scan, {track, track, CellFreeTrack()});
            });
        }
    }

    /// Notes a report. @param report it
    void OnReport(const CellFreeReport& report)
    {
        m_notes << report.time << ' ' << report.sequence << ' ' << report.bytes << ' '
                << m_server->GetFusedTracks().size() << '\n';
    }

    /// Notes a stream. @param sample it
    void OnSample(const CellFreeUeSample& sample)
    {
        m_notes << sample.slot << ' ' << sample.isUplink << ' ' << sample.ueId << ' ' << sample.sinr
                << ' ' << sample.believedSinr << ' ' << sample.mcs << ' ' << sample.blockBytes
                << ' ' << sample.transmission << ' ' << sample.isDecoded << ' '
                << sample.queuedBytes << '\n';
    }

    /// Notes a decision. @param decision it
    void OnDecision(const CellFreeDecision& decision)
    {
        m_notes << decision.slot << ' ' << decision.delay << ' ' << decision.sumRate << ' '
                << decision.sensingSnr << '\n';
    }

    /// Notes a dwell. @param dwell it
    void OnDwell(const CellFreeDwell& dwell)
    {
        m_notes << dwell.start << ' ' << dwell.combinedSnr << ' ' << dwell.bestSnr << ' '
                << dwell.fluctuation << ' ' << dwell.pd << ' ' << dwell.nReceivers << ' '
                << dwell.positionBound << ' ' << dwell.velocityBound << ' ' << dwell.estimate << ' '
                << dwell.sensingWeight << '\n';
    }

    /// Tells the tracker of the first target.
    void Announce()
    {
        const auto mobility = m_scenario->targets.Get(0)->GetObject<MobilityModel>();
        const auto place = mobility->GetPosition();
        CellFreeState state = CellFreeState::Zero();
        state.head<3>() << place.x + 1.0, place.y, place.z;
        CellFreeStateCovariance covariance = CellFreeStateCovariance::Identity();
        m_scenario->cpu->GetSensing()->GetTracker()->Cue(Simulator::Now(), state, covariance);
    }

    /// Notes tracks. @param score how good they are @param scan the dwell @param tracks the tracks
    void OnScore(const CellFreeTrackScore& score,
                 const CellFreeScan& scan,
                 const std::vector<CellFreeTrack>& tracks)
    {
        m_notes << scan.end << ' ' << scan.detections.size() << ' ' << score.gospa.total << '\n';
        for (const auto& detection : scan.detections)
        {
            m_notes << detection.state.transpose() << '\n';
        }
        for (const auto& look : scan.looks)
        {
            m_notes << look.aim.kind << ' ' << look.aim.id << ' ' << look.pd << ' ' << look.weight
                    << '\n';
        }
        for (const auto& track : tracks)
        {
            m_notes << track.id << ' ' << track.status << ' ' << track.state.transpose() << ' '
                    << track.covariance.trace() << '\n';
        }
    }

    /// Notes an interval. @param sample it
    void OnEnergy(const CellFreeEnergySample& sample)
    {
        m_notes << sample.start << ' ' << sample.ap << ' ' << sample.fronthaul << ' '
                << sample.processing << '\n';
    }

    std::string m_directory;                        //!< of the traces
    std::optional<CellFreeTestScenario> m_scenario; //!< the scenario
    Ptr<CellFreeTrackScorer> m_scorer;              //!< compares tracks with the truth, or null
    Ptr<CellFreeTraceWriter> m_writer;              //!< writes traces
    Ptr<CellFreeFileTraffic> m_files;               //!< files for a UE, or null
    Ptr<CellFreeMapWriter> m_map;                   //!< writes a map
    Ptr<CellFreeBeamformingPolicy> m_policy;        //!< with a file of the user's own, or null
    Ptr<CellFreeSensingReporter> m_reporter;        //!< reports, or null
    Ptr<CellFreeSensingServer> m_server;            //!< receives reports, or null
    Ptr<CellFreeTrackFusion> m_fusion;              //!< fuses its tracks, or null
    std::ostringstream m_notes;                     //!< what traces said
};

/// What a child process said.
struct Answer
{
    int status{0};      //!< as waitpid() has it
    std::string traces; //!< standard output
    std::string errors; //!< standard error
};

/// Runs a scenario in a process of its own. @param type contained @param trial what is set
Answer
RunChild(TypeId type, const Trial* trial)
{
    std::array<std::string, 2> paths;
    std::array<int, 2> files{};
    for (int i = 0; i < 2; ++i)
    {
        paths[i] = (std::filesystem::temp_directory_path() / "cellfree-isac-XXXXXX").string();
        files[i] = mkstemp(paths[i].data());
    }
    const TestFile blerTable(MakeTestBlerTable(CELL_FREE_MCS_256QAM).dump());
    std::cout.flush();
    std::cerr.flush();
    const auto child = fork();
    if (child == 0)
    {
        dup2(files[0], STDOUT_FILENO);
        dup2(files[1], STDERR_FILENO);
        {
            Run run(type, blerTable.GetPath());
            std::cout << run.Simulate(trial) << std::flush;
        }
        _exit(0);
    }
    Answer answer;
    waitpid(child, &answer.status, 0);
    for (int i = 0; i < 2; ++i)
    {
        std::ifstream file(paths[i]);
        (i == 0 ? answer.traces : answer.errors).assign(std::istreambuf_iterator<char>(file), {});
        close(files[i]);
        std::filesystem::remove(paths[i]);
    }
    return answer;
}

} // namespace

TEST(CellFreeAttributes, AllAreTried)
{
    std::map<std::string, const Trial*> trials;
    for (const auto& trial : TRIALS)
    {
        EXPECT_TRUE(trials.emplace(trial.type + "::" + trial.attribute, &trial).second);
    }
    for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i)
    {
        const auto type = TypeId::GetRegistered(i);
        if (type.GetGroupName() != "CellFreeIsac")
        {
            continue;
        }
        for (std::size_t a = 0; a < type.GetAttributeN(); ++a)
        {
            const auto info = type.GetAttribute(a);
            const auto name = type.GetName().substr(5) + "::" + info.name;
            if (info.accessor->HasSetter() && (info.flags & TypeId::ATTR_SET))
            {
                EXPECT_EQ(trials.erase(name), 1U) << name << " is not tried";
            }
        }
    }
    for (const auto& trial : trials)
    {
        ADD_FAILURE() << trial.first << " is no attribute";
    }
}

TEST(CellFreeAttributes, SetDuringARunTheyActOrAbort)
{
    const bool isPrinted = std::getenv("CELLFREE_ISAC_PRINT_ATTRIBUTES");
    std::map<std::string, std::string> references;
    for (const auto& trial : TRIALS)
    {
        const auto name = trial.type + "::" + trial.attribute;
        SCOPED_TRACE(name);
        const auto type = TypeId::LookupByName("ns3::" + trial.type);
        if (type == CellFreeFileFading::GetTypeId() && !cellfree::FindArrayFileError().empty())
        {
            continue;
        }
        const auto answer = RunChild(type, &trial);
        if (trial.effect == REFUSED)
        {
            EXPECT_TRUE(WIFSIGNALED(answer.status) && WTERMSIG(answer.status) == SIGABRT);
            EXPECT_NE(answer.errors.find(" was set during a run"), std::string::npos)
                << answer.errors;
            const auto part = trial.type == "CellFreeCpu" ? "CellFree" : trial.attribute;
            EXPECT_NE(answer.errors.find(part), std::string::npos) << answer.errors;
        }
        else
        {
            EXPECT_TRUE(WIFEXITED(answer.status) && WEXITSTATUS(answer.status) == 0)
                << answer.errors;
            EXPECT_FALSE(answer.traces.empty()) << "the getter does not give the value back";
        }
        const bool isOfScenario =
            (type.IsChildOf(CellFreeBeamformingPolicy::GetTypeId()) &&
             !type.IsChildOf(CellFreePluginPolicy::GetTypeId())) ||
            type.IsChildOf(CellFreeScheduler::GetTypeId()) ||
            type == CellFreeQueueTraffic::GetTypeId() ||
            type.IsChildOf(CellFreeQueueTraffic::GetTypeId()) ||
            type.IsChildOf(CellFreeCombining::GetTypeId()) ||
            type == CellFreeLimitedFronthaul::GetTypeId() ||
            type == CellFreeUeNetDevice::GetTypeId() ||
            type == CellFreePropagationLossChain::GetTypeId() ||
            type == CellFreeThreeGppRcs::GetTypeId() ||
            type == CellFreeSpatialFading::GetTypeId() || type == CellFreePilotCsi::GetTypeId() ||
            type == CellFreeFileFading::GetTypeId() ||
            type == CellFreePeriodicClustering::GetTypeId() ||
            type == CellFreeCovarianceIntersection::GetTypeId() ||
            type == CellFreeSensingReporter::GetTypeId() ||
            type == CellFreeSensingServer::GetTypeId() ||
            type == CellFreeAdaptiveSensing::GetTypeId() ||
            type == CellFreeClosedLoopWeight::GetTypeId() ||
            type == CellFreeEchoReceiver::GetTypeId() ||
            type == CellFreeMultiTargetTracker::GetTypeId() ||
            type == CellFreeSensing::GetTypeId() || type == CellFreeSplitRoles::GetTypeId() ||
            type == CellFreeTrackScorer::GetTypeId() || type == CellFreeStrongestAps::GetTypeId() ||
            type == CellFreeCqiAdaptation::GetTypeId();
        auto& reference = references[isOfScenario ? trial.type : ""];
        if (reference.empty())
        {
            reference = RunChild(type, nullptr).traces;
            EXPECT_GT(reference.size(), 10000U);
        }
        if (trial.effect == TRACED)
        {
            EXPECT_NE(answer.traces, reference) << "no trace shows the new value";
            // What was before is the same: the scenario does not depend on what will be set.
            const auto before = reference.substr(0, 2000);
            EXPECT_EQ(answer.traces.substr(0, before.size()), before);
        }
        if (isPrinted)
        {
            std::cout << name << ": "
                      << (trial.effect == REFUSED      ? "refused"
                          : answer.traces != reference ? "live, traces differ"
                                                       : "live")
                      << '\n';
        }
    }
}

TEST(CellFreeRefusals, TracesTwice)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            CellFreeTestScenario scenario({});
            const auto directory = std::filesystem::temp_directory_path() /
                                   ("cellfree-isac-twice-" + std::to_string(getpid()));
            scenario.helper.EnableTraces(directory.string());
            scenario.helper.EnableTraces(directory.string());
        },
        "EnableTraces was called twice on one link: expected one call");
}

TEST(CellFreeRefusals, SecondHelperOnOneCarrier)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            CellFreeTestScenario scenario({});
            CellFreeIsacHelper second;
            NodeContainer nodes(2);
            CellFreeTestScenario::Place(nodes.Get(1), Vector(400, 0, 10));
            second.Install(nodes.Get(0), NodeContainer(nodes.Get(1)), NodeContainer());
        },
        "a second cell-free link on the carrier at 3.5 GHz would not interfere with the first: "
        "expected the first one's helper, SetLink\\(\\), or another Frequency");
}

TEST(CellFreeRefusals, PartsOfACpu)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    // Between installation and start: another MAC would not know the devices.
    EXPECT_DEATH(
        {
            CellFreeTestScenario scenario({});
            scenario.cpu->SetAttribute("Mac", PointerValue(CreateObject<CellFreeMac>()));
        },
        "ns3::CellFreeMac was set after the CPU joined its link: expected it before");
}

TEST(CellFreeRefusals, UnknownGuests)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            CellFreeTestScenario scenario({});
            scenario.helper.RemoveUes(NodeContainer(1));
        },
        "is no UE of the link: nothing to remove");
    EXPECT_DEATH(
        {
            CellFreeTestScenario scenario({});
            scenario.helper.RemoveTargets(NodeContainer(1));
        },
        "is no target of the link: nothing to remove");
}

TEST(CellFreeParts, SetBetweenInstallationAndStartTheyWork)
{
    CellFreeTestScenario::Options options;
    options.hasInternet = false;
    std::array<uint64_t, 2> delivered{};
    for (const bool isReplaced : {false, true})
    {
        CellFreeTestScenario scenario(options);
        if (isReplaced)
        {
            scenario.cpu->SetAttribute("Csi", PointerValue(CreateObject<CellFreePerfectCsi>()));
            scenario.cpu->SetAttribute("LinkAdaptation",
                                       PointerValue(CreateObject<CellFreeOuterLoopAdaptation>()));
            scenario.link->SetAttribute(
                "ErrorModel",
                PointerValue(CreateObject<CellFreeFiniteLengthErrorModel>()));
        }
        scenario.AddFrames(scenario.all.Get(0),
                           scenario.GetUeDevice(0),
                           Seconds(0),
                           Seconds(0.1),
                           MicroSeconds(300));
        scenario.Run(Seconds(0.1));
        delivered[isReplaced] = scenario.mac->GetCounters(0, false).deliveredBytes;
    }
    EXPECT_GT(delivered[0], 300000U);
    EXPECT_EQ(delivered[0], delivered[1]);
}
