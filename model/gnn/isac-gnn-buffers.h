// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_BUFFERS_H
#define ISAC_GNN_BUFFERS_H

#include <Eigen/Core>
#include <algorithm>
#include <complex>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Memory for inner loops: aligned to 64 bytes, and kept when a smaller size is asked for.
 */
template <typename T>
class IsacBuffer
{
  public:
    /**
     * @brief Makes room; the content is undefined afterwards.
     * @param size number of entries
     */
    void Resize(Eigen::Index size)
    {
        const auto lines = (size + PER_LINE - 1) / PER_LINE;
        if (lines > static_cast<Eigen::Index>(m_lines.size()))
        {
            m_lines.resize(lines);
        }
    }

    /**
     * @brief Makes room and sets every entry.
     * @param size number of entries
     * @param value their value
     */
    void Assign(Eigen::Index size, T value)
    {
        Resize(size);
        std::fill_n(Data(), size, value);
    }

    /// @return the entries
    T* Data()
    {
        return reinterpret_cast<T*>(m_lines.data());
    }

    /// @copydoc Data
    const T* Data() const
    {
        return reinterpret_cast<const T*>(m_lines.data());
    }

    /// @param i index @return the entry
    T& operator[](Eigen::Index i)
    {
        return Data()[i];
    }

    /// @param i index @return the entry
    const T& operator[](Eigen::Index i) const
    {
        return Data()[i];
    }

  private:
    static constexpr Eigen::Index PER_LINE = 64 / sizeof(T); //!< entries in a cache line

    /// A cache line.
    struct alignas(64) Line
    {
        T values[PER_LINE]; //!< its entries
    };

    std::vector<Line> m_lines; //!< the memory
};

/**
 * @ingroup cellfree-isac
 * @brief A matrix of complex numbers for every AP. The AP runs fastest, real and imaginary parts
 * apart, so that loops over APs vectorise.
 */
class IsacPlanes
{
  public:
    /**
     * @brief Makes room; the content is undefined afterwards.
     * @param rows rows of each matrix
     * @param cols columns of each matrix
     * @param stride number of APs, those that fill up the last vector included
     */
    void Resize(Eigen::Index rows, Eigen::Index cols, Eigen::Index stride)
    {
        m_cols = cols;
        m_stride = stride;
        m_data.Resize(rows * cols * 2 * stride);
    }

    /**
     * @brief One entry of all matrices.
     * @param i row
     * @param j column
     * @return the real parts of all APs, followed by the imaginary parts
     */
    double* At(Eigen::Index i, Eigen::Index j)
    {
        return m_data.Data() + (i * m_cols + j) * 2 * m_stride;
    }

    /// @copydoc At
    const double* At(Eigen::Index i, Eigen::Index j) const
    {
        return m_data.Data() + (i * m_cols + j) * 2 * m_stride;
    }

    /**
     * @brief One entry of one matrix.
     * @param i row
     * @param j column
     * @param m AP
     * @return the entry
     */
    std::complex<double> Get(Eigen::Index i, Eigen::Index j, Eigen::Index m) const
    {
        return {At(i, j)[m], At(i, j)[m_stride + m]};
    }

    /// Sets one entry of one matrix. @param i row @param j column @param m AP @param x the entry
    void Set(Eigen::Index i, Eigen::Index j, Eigen::Index m, std::complex<double> x)
    {
        At(i, j)[m] = x.real();
        At(i, j)[m_stride + m] = x.imag();
    }

  private:
    Eigen::Index m_cols{0};    //!< columns of each matrix
    Eigen::Index m_stride{0};  //!< from a real part to its imaginary part
    IsacBuffer<double> m_data; //!< row by row
};

/**
 * @ingroup cellfree-isac
 * @brief A matrix of single precision, column by column, that keeps its memory.
 */
class IsacColumns
{
  public:
    /**
     * @brief Makes room; the content is undefined afterwards.
     * @param rows number of rows
     * @param cols number of columns
     */
    void Resize(Eigen::Index rows, Eigen::Index cols)
    {
        m_rows = rows;
        m_cols = cols;
        m_data.Resize(rows * cols);
    }

    /// Makes room and sets every entry to zero. @param rows number of rows @param cols of columns
    void SetZero(Eigen::Index rows, Eigen::Index cols)
    {
        Resize(rows, cols);
        std::fill_n(m_data.Data(), rows * cols, 0.0F);
    }

    /// @param j index @return the entries of a column
    float* Col(Eigen::Index j)
    {
        return m_data.Data() + j * m_rows;
    }

    /// @copydoc Col
    const float* Col(Eigen::Index j) const
    {
        return m_data.Data() + j * m_rows;
    }

    /// @return the number of rows
    Eigen::Index GetRows() const
    {
        return m_rows;
    }

    /// @return the number of columns
    Eigen::Index GetCols() const
    {
        return m_cols;
    }

  private:
    Eigen::Index m_rows{0};   //!< number of rows
    Eigen::Index m_cols{0};   //!< number of columns
    IsacBuffer<float> m_data; //!< column by column
};

} // namespace ns3

#endif // ISAC_GNN_BUFFERS_H
